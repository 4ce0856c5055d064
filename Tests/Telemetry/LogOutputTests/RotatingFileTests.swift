import Glibc
import Testing

@testable import LogOutput

@Suite("The rotating log file")
struct RotatingFileTests {
    let folder: LogFolder
    let clock = ManualClock()

    init() throws { folder = try LogFolder() }

    private func write(_ text: String, to file: inout RotatingFile) -> LogWriteResult {
        Array(text.utf8).withUnsafeBufferPointer { file.write($0, at: clock.nanoseconds) }
    }

    @Test func aFileIsCreatedWithItsFoldersAndContinuedAfterARestart() {
        let path = folder.path + "/a/b/c/s.log"
        do {
            var file = RotatingFile(path: path, rotation: LogRotation())
            #expect(write("one\ntwo\n", to: &file).consumed == 8)
        }
        var file = RotatingFile(path: path, rotation: LogRotation())
        #expect(write("three\n", to: &file).failure == nil)
        #expect(content(of: path) == "one\ntwo\nthree\n")
    }

    @Test func fullFilesAreRenumberedAndTheOldestIsDeleted() {
        let path = folder.log()
        var file = RotatingFile(path: path, rotation: LogRotation(maxBytes: 10, maxFiles: 2))
        for number in 1...9 { #expect(write("line\(number)\n", to: &file).consumed == 6) }
        #expect(content(of: path) == "line9\n")
        #expect(content(of: folder.log("tasks", 1)) == "line8\n")
        #expect(content(of: folder.log("tasks", 2)) == "line7\n")
        #expect(LogFolder.names(in: folder.path + "/tasks") == ["tasks.log", "tasks.log.1", "tasks.log.2"])
    }

    @Test func aWriteOfManyLinesIsSpreadOverFiles() {
        let path = folder.log()
        var file = RotatingFile(path: path, rotation: LogRotation(maxBytes: 12, maxFiles: 9))
        let result = write("a1\nb2\nc3\nd4\ne5\na line that is longer than a file may be\nf6\n", to: &file)
        #expect(result.failure == nil && result.linesLost == 0)
        #expect(content(of: folder.log("tasks", 3)) == "a1\nb2\nc3\nd4\n")
        #expect(content(of: folder.log("tasks", 2)) == "e5\n")
        #expect(content(of: folder.log("tasks", 1)) == "a line that is longer than a file may be\n")
        #expect(content(of: path) == "f6\n")
    }

    @Test(arguments: [LogRotation(maxBytes: 10, maxFiles: 0), LogRotation(maxBytes: 0, maxFiles: 5)])
    func rotationCanBeOff(rotation: LogRotation) {
        var file = RotatingFile(path: folder.log(), rotation: rotation)
        for _ in 0..<5 { _ = write("0123456789\n", to: &file) }
        #expect(content(of: folder.log()).utf8.count == 55)
        #expect(LogFolder.names(in: folder.path + "/tasks") == ["tasks.log"])
    }

    @Test func theSizeOfAnExistingFileCountsTowardsTheLimit() {
        mkdir(folder.path + "/tasks", 0o755)
        append("12345678\n", to: folder.log())
        var file = RotatingFile(path: folder.log(), rotation: LogRotation(maxBytes: 10, maxFiles: 1))
        _ = write("next\n", to: &file)
        #expect(content(of: folder.log()) == "next\n" && content(of: folder.log("tasks", 1)) == "12345678\n")
    }

    @Test(arguments: [true, false])
    func aRemovedFileIsCreatedAgainWithinASecond(isMoved: Bool) {
        let path = folder.log()
        var file = RotatingFile(path: path, rotation: LogRotation())
        _ = write("before\n", to: &file)
        if isMoved { rename(path, path + ".old") } else { unlink(path) }
        clock.advance(milliseconds: 1000)
        _ = write("after\n", to: &file)
        #expect(content(of: path) == "after\n")
        if isMoved { #expect(content(of: path + ".old") == "before\n") }
    }

    @Test func aClockSetBackDoesNotStopTheCheck() {
        let path = folder.log()
        var file = RotatingFile(path: path, rotation: LogRotation())
        _ = write("before\n", to: &file)
        unlink(path)
        clock.goBack(milliseconds: 3_600_000)
        _ = write("after\n", to: &file)
        #expect(content(of: path) == "after\n")
    }

    @Test func aTruncatedFileIsWrittenFromItsStart() {
        let path = folder.log()
        var file = RotatingFile(path: path, rotation: LogRotation(maxBytes: 10, maxFiles: 1))
        _ = write("12345678\n", to: &file)
        truncate(path, 0)
        clock.advance(milliseconds: 1000)
        _ = write("12345\n", to: &file)
        #expect(content(of: path) == "12345\n")
        #expect(LogFolder.names(in: folder.path + "/tasks") == ["tasks.log"])
    }

    @Test func aPartialLineIsCompletedBeforeARotation() {
        var file = RotatingFile(path: folder.log(), rotation: LogRotation(maxBytes: 10, maxFiles: 3))
        // As if the disk had taken this much.
        #expect(write("first\nsec", to: &file).consumed == 9)
        #expect(write("ond half\nthird\n", to: &file).consumed == 15)
        #expect(content(of: folder.log("tasks", 1)) == "first\nsecond half\n")
        #expect(content(of: folder.log()) == "third\n")
    }

    @Test func theRestOfALineIsLostWithItsFile() {
        var file = RotatingFile(path: folder.log(), rotation: LogRotation())
        _ = write("first\nsec", to: &file)
        unlink(folder.log())
        clock.advance(milliseconds: 1000)
        let result = write("ond\nthird\n", to: &file)
        #expect(result.consumed == 10 && result.linesLost == 1)
        #expect(content(of: folder.log()) == "third\n")
    }

    @Test func aPartialLineOfAnEarlierProcessIsTerminated() {
        mkdir(folder.path + "/tasks", 0o755)
        append("whole\nhal", to: folder.log())
        var file = RotatingFile(path: folder.log(), rotation: LogRotation())
        _ = write("next\n", to: &file)
        #expect(content(of: folder.log()) == "whole\nhal\nnext\n")
    }

    @Test func anErrorNamesTheFileOrFolderThatFailed() {
        var below = RotatingFile(path: "/etc/passwd/x/tasks/tasks.log", rotation: LogRotation())
        #expect(
            write("x\n", to: &below).failure?.description
                == "cannot create the folder /etc/passwd/x/tasks: Not a directory")
        var isFolder = RotatingFile(path: folder.path, rotation: LogRotation())
        #expect(write("x\n", to: &isFolder).failure?.description == "cannot open \(folder.path): Is a directory")
        var full = RotatingFile(path: "/dev/full", rotation: LogRotation(maxBytes: 1, maxFiles: 1))
        #expect(write("x\n", to: &full).failure?.description == "cannot write /dev/full: No space left on device")
    }

    @Test func aFailedRotationLetsTheFileGrow() {
        // A folder in the way of the file's next name cannot be replaced by a file.
        let path = folder.log()
        var file = RotatingFile(path: path, rotation: LogRotation(maxBytes: 6, maxFiles: 1))
        _ = write("12345\n", to: &file)
        mkdir(path + ".1", 0o755)
        #expect(write("6789a\nbcdef\n", to: &file).failure == nil)
        #expect(content(of: path) == "12345\n6789a\nbcdef\n")
        rmdir(path + ".1")
        clock.advance(milliseconds: 1000)
        _ = write("last\n", to: &file)
        #expect(content(of: path) == "last\n")
    }
}
