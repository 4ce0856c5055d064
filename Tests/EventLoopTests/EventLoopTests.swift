import EventLoop
import Testing
@Suite struct EventLoopTests { @Test func x() throws { let l = try EventLoop(name: "x"); try l.start(); l.stop() } }
