import Glibc

/// Folders of the file system.
package enum Folder {
    /// Why a folder could not be made.
    package struct Problem: Error, CustomStringConvertible { package var description: String }

    /// Makes the folders that `path`'s file stands in, as far as they are missing.
    package static func makeParents(of path: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        for count in parts.indices {
            let folder = parts[...count].joined(separator: "/")
            guard !folder.isEmpty, mkdir(folder, 0o755) != 0, errno != EEXIST else { continue }
            throw Problem(description: "cannot make the folder \(folder): \(String(cString: strerror(errno)))")
        }
    }
}
