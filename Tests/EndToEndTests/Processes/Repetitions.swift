import Foundation

/// How often tests do to processes what must never harm, however often it is done. The usual number keeps the suite quick;
/// before a release it is raised: `TAILSPAN_KILLS=200 TAILSPAN_SHUTDOWNS=50 make test`.
enum Repetitions {
    static let kills = count("TAILSPAN_KILLS", usual: 4)
    static let shutdowns = count("TAILSPAN_SHUTDOWNS", usual: 3)

    private static func count(_ name: String, usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
    }
}
