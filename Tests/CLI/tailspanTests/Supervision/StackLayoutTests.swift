import Testing
import Vocabulary

@testable import Supervision

@Suite("The layout of the stack")
struct StackLayoutTests {
    private var layout: StackLayout { StackLayout(stack: .pocket, logFolder: "/l", dataFolder: "/d") }

    @Test("Each service knows its port, the other services and where spans go")
    func eachServiceKnowsItsPortAndTheOthers() throws {
        var layout = layout
        layout.use(Array(9000..<9000 + StackLayout.portCount))
        let parts = layout.serviceParts("/bin/tailspan", ["HOME": "/h", "OTEL_SERVICE_NAME": "mine"])
        #expect(Set(parts.map(\.name)) == Set(ServiceRole.allCases.map(\.rawValue)))
        let tasks = try #require(parts.first { $0.name == "tasks" })
        #expect(tasks.program.executable == "/bin/tailspan")
        #expect(tasks.program.arguments == ["tasks"])
        #expect(tasks.readinessURLs == ["http://127.0.0.1:9001/readyz"])
        let expected = [
            "HOME": "/h", "PORT": "9001", "LOG_DIR": "/l", "DATA_DIR": "/d", "LOG_FORMAT": "json",
            "SHUTDOWN_TIMEOUT_MS": "5000",
            "OTEL_SERVICE_NAME": "tasks", "HOST": "127.0.0.1",
            "SOCKET_PATH": "/d/tasks.sock",
            "GATEWAY_URL": "unix:/d/gateway.sock", "TASKS_URL": "unix:/d/tasks.sock",
            "EXECUTOR_URL": "unix:/d/executor.sock", "PAYMENTS_URL": "unix:/d/payments.sock",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9006",
        ]
        #expect(tasks.program.environment == expected)
        let patient = layout.serviceParts("/bin/tailspan", ["SHUTDOWN_TIMEOUT_MS": "7000"])
        #expect(patient.allSatisfy { $0.program.environment["SHUTDOWN_TIMEOUT_MS"] == "7000" })
    }

    @Test("Services call each other over TCP if the path of a socket would be too long")
    func aLongPathLeavesTCP() throws {
        for (count, isSocket) in [(93, true), (94, false)] {
            let folder = "/" + String(repeating: "d", count: count - 1)
            let layout = StackLayout(stack: .pocket, logFolder: "/l", dataFolder: folder)
            let gateway = try #require(layout.serviceParts("x", [:]).first { $0.name == "gateway" })
            // "/payments.sock" is the longest name.
            #expect(gateway.program.environment["PAYMENTS_URL"]?.hasPrefix("unix:") == isSocket, "\(count)")
        }
    }

    @Test("The pocket stack knows its ports, and an outside stack replaces it")
    func thePocketStackKnowsItsPorts() throws {
        let pocket = try #require(layout.pocketPart("x", [:]))
        #expect(pocket.program.environment["LOKI_PORT"] == "3100")
        #expect(pocket.program.environment["TEMPO_PORT"] == "3200")
        #expect(pocket.program.environment["OTLP_HTTP_PORT"] == "4318")
        #expect(pocket.program.environment["CONSOLE_PORT"] == "3000")
        #expect(pocket.readinessURLs == ["http://127.0.0.1:3100/ready", "http://127.0.0.1:3200/ready"])
        #expect(layout.ports.map(\.port) == [8080, 8081, 8082, 8083, 3100, 3200, 4318, 3000])

        let outside = StackLayout(
            stack: .external(otlp: "http://o:1", loki: "http://l:2", tempo: "http://t:3", grafana: "http://g:4"),
            logFolder: "/l", dataFolder: "/d")
        #expect(outside.pocketPart("x", [:]) == nil)
        #expect(outside.ports.count == 4)
        #expect(
            outside.serviceParts("x", [:]).allSatisfy {
                $0.program.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://o:1"
            })
        #expect([outside.lokiURL, outside.tempoURL, outside.consoleURL] == ["http://l:2", "http://t:3", "http://g:4"])
    }

    @Test("Callers stop before the services they call, and receivers of telemetry stop last")
    func callersStopBeforeTheServicesTheyCall() {
        #expect(StackLayout.stopOrder == ["gateway", "tasks", "executor", "payments"])
    }
}
