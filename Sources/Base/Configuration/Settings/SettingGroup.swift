/// Settings that are described under one heading.
package struct SettingGroup: Sendable, Equatable {
    package var title: String
    /// Sentences about the whole group; may be empty. Names and values in it stand in backquotes.
    package var note: String
    /// The page in `docs` that says more.
    package var page: String?
    package var settings: [Setting]

    package init(_ title: String, note: String = "", page: String? = nil, _ settings: [Setting]) {
        self.title = title
        self.note = note
        self.page = page
        self.settings = settings
    }

    /// Every variable that the programs read.
    /// - Parameter version: the program's version, which is a default.
    package static func all(version: String) -> [SettingGroup] {
        [
            .network, .storage, .logs, .identity(version: version), .services, .faults, .export, .traces, .limits,
            .batches, .pocket, .commands,
        ]
    }
}
