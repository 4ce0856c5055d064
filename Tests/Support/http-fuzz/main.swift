import Glibc
import HTTPFuzzing

// `http-fuzz [COUNT [SEED]]`: so many mutated requests and as many mutated responses. Exit codes: 0 nothing found,
// 1 something was found, 2 wrong arguments.

var run = FuzzRun()
let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.compactMap { UInt64($0) }
guard numbers.count == arguments.count, numbers.count <= 2 else {
    print("http-fuzz: expected at most two numbers, COUNT and SEED")
    exit(2)
}
if let count = numbers.first { run.count = Int(clamping: count) }
if numbers.count > 1 { run.seed = numbers[1] }

var template = Array("/tmp/http-fuzz.XXXXXX".utf8CString)
guard mkdtemp(&template) != nil else {
    print("http-fuzz: no temporary folder: \(String(cString: strerror(errno)))")
    exit(2)
}
let folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
let started = ContinuousClock.now
let report = try await run.run(folder: folder)
rmdir(folder)
print("\(report) in \(started.duration(to: .now)), seed \(run.seed)")
for finding in report.findings { print(finding) }
exit(report.findings.isEmpty ? 0 : 1)
