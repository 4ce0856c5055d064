import Glibc

/// Directory operations.
package enum Folder {
    /// Why a directory could not be created.
    package struct Problem: Error, CustomStringConvertible { package var description: String }

    /// Creates the missing parent directories of `path`.
    package static func makeParents(of path: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        for count in parts.indices {
            let folder = parts[...count].joined(separator: "/")
            guard !folder.isEmpty, mkdir(folder, 0o755) != 0, errno != EEXIST else { continue }
            throw Problem(description: "cannot make the folder \(folder): \(String(cString: strerror(errno)))")
        }
    }
}
