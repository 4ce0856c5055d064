import Glibc

/// File system operations.
package enum Files {
    /// A failed call, with its path and the system's error.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
        package init(_ call: String, _ path: String, _ code: Int32) {
            description = "cannot \(call) \(path): \(String(cString: strerror(code)))"
        }
    }

    /// The complete contents, also of a file under `/proc`, whose size is unknown; `nil` if it cannot be read.
    /// - Parameter limit: of a file with more bytes, only enough are read to show that it is too long.
    package static func read(_ path: String, limit: Int = .max) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            result += buffer[..<count]
            if count == 0 || result.count > limit { return result }
        }
    }

    package static func text(_ path: String) -> String? { read(path).map { String(decoding: $0, as: UTF8.self) } }

    /// Replaces a file by writing a new one next to it first, so that no reader sees half a file.
    package static func write(_ text: String, to path: String) throws(Failure) {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure("write to", path, errno) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                close(descriptor)
                throw Failure("write to", path, code)
            }
            rest = rest.dropFirst(count)
        }
        guard close(descriptor) == 0, rename(draft, path) == 0 else { throw Failure("write to", path, errno) }
    }

    /// The names in a directory, without `.` and `..`; empty if it cannot be read.
    package static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The target of a symbolic link.
    package static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    /// Creates a directory and its missing parents.
    package static func makeFolder(_ path: String) throws(Failure) {
        var current = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            current += part + "/"
            if mkdir(current, 0o755) != 0, errno != EEXIST { throw Failure("create the folder", path, errno) }
        }
        guard access(path, W_OK) == 0 else { throw Failure("write to", path, errno) }
    }

    /// The absolute path, without resolving symbolic links.
    package static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }

    /// Removes the contents of a directory, except the entries named in `kept`. The directory itself stays.
    package static func empty(_ path: String, except kept: Set<String> = []) throws(Failure) {
        for name in names(in: path) where !kept.contains(name) { try remove(path + "/" + name) }
    }

    /// Removes a file, or a directory with all its contents. Symbolic links are removed, not followed.
    package static func remove(_ path: String) throws(Failure) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw Failure("look at", path, errno)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) { try remove(path + "/" + name) }
            guard rmdir(path) == 0 else { throw Failure("remove", path, errno) }
        } else {
            guard unlink(path) == 0 else { throw Failure("remove", path, errno) }
        }
    }
}
