import Terminal
import Testing
import Verification

@testable import Rendering

@Suite("The order of a line's fields")
struct LogLineFieldsTests {
    @Test("Important fields come first, whatever the order in which they were written")
    func importantFieldsComeFirst() {
        let line = LogRecord(
            timestampNS: 0, labels: [:],
            line: """
                {"message":"m","component":"client","memory_bytes":5,"zeta":1,"duration_ms":1.5,"alpha":2,"task_id":"t-1",\
                "status":503,"error":{"type":"E","message":"no answer"},"executor_id":"x","operation":"POST /v1/tasks"}
                """)
        #expect(
            LogLineStyle.usual.fields(line).joined(.plain).plain
                == #"error="E: no answer" status=503 task_id=t-1 operation="POST /v1/tasks" duration_ms=1.5 zeta=1 "#
                + "alpha=2 executor_id=x memory_bytes=5 component=client")
        #expect(LogLineStyle.usual.render(line).plain.contains(#"m  error="E: no answer" status=503"#))
    }
}
