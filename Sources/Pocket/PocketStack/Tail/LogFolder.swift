import Glibc

/// The log files of a folder: `LOG_DIR/*/*.log`.
struct LogFolder {
    struct File: Equatable {
        var path: String
        /// The name of the folder that contains it.
        var service: String
        var key: FileKey
        var size: Int64
    }

    /// Why the folder could not be scanned.
    struct Problem: Error, CustomStringConvertible { var description: String }

    let directory: String

    init(_ directory: String) { self.directory = directory }

    /// All files, sorted by path. Symbolic links are followed. Of several names of one file only one counts: preferably
    /// one that was read before (`known`), then one that is not a link, then the first.
    /// - Throws: if a folder exists but cannot be read: its files must not be mistaken for deleted ones.
    func files(preferring known: Set<String>) throws(Problem) -> [File] {
        var result: [FileKey: (file: File, rank: Int)] = [:]
        for service in try names(in: directory) {
            let folder = directory + "/" + service
            for name in try names(in: folder) where name.hasSuffix(".log") {
                let path = folder + "/" + name
                var status = stat()
                var link = stat()
                // A dangling or circular link has no status.
                guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, lstat(path, &link) == 0 else {
                    continue
                }
                let rank = known.contains(path) ? 0 : link.st_mode & S_IFMT == S_IFREG ? 1 : 2
                let file = File(path: path, service: service, key: FileKey(status), size: Int64(status.st_size))
                if let other = result[file.key], (other.rank, other.file.path) < (rank, path) { continue }
                result[file.key] = (file, rank)
            }
        }
        return result.values.map { $0.file }.sorted { $0.path < $1.path }
    }

    /// The names in a folder, without hidden ones; none if the folder does not exist yet.
    private func names(in folder: String) throws(Problem) -> [String] {
        guard let handle = opendir(folder) else {
            if errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES { return [] }
            throw Problem(description: "cannot look into \(folder): \(String(cString: strerror(errno)))")
        }
        defer { closedir(handle) }
        var result: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { result.append(name) }
        }
        return result
    }
}
