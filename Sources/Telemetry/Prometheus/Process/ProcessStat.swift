/// The fields used from `/proc/self/stat` (proc_pid_stat(5)).
struct ProcessStat: Equatable {
    var userTicks: Double
    var systemTicks: Double
    var threads: Double
    /// Ticks since the machine started.
    var startTicks: Double
    var virtualBytes: Double
    var residentPages: Double

    /// Parses the line; `nil` if it is malformed.
    init?(parsing text: String) {
        // The second field is the program name in parentheses and may itself contain spaces and parentheses.
        guard let nameEnd = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: nameEnd)...].split { $0 == " " || $0 == "\n" }
        /// A field by its number in the manual page, where the state is field 3.
        func field(_ number: Int) -> Double? { fields.count > number - 3 ? Double(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
            let virtual = field(23), let resident = field(24)
        else { return nil }
        userTicks = user
        systemTicks = system
        self.threads = threads
        startTicks = start
        virtualBytes = virtual
        residentPages = resident
    }

    /// When the machine started, in seconds since the Unix epoch, from `/proc/stat`.
    static func bootTime(stat: String?) -> Double? {
        stat?.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst("btime ".count)) }
    }

    /// The soft limit of open files from `/proc/self/limits`; infinite if there is none.
    static func maximumDescriptors(limits: String) -> Double? {
        guard let line = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") }) else {
            return nil
        }
        guard let soft = line.dropFirst("Max open files".count).split(separator: " ").first else { return nil }
        return soft == "unlimited" ? .infinity : Double(soft)
    }
}
