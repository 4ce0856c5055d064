import CMicroHTTPD

/// The callbacks for libmicrohttpd. They are always called within `MHD_run` or `MHD_stop_daemon`, so on the loop's
/// thread.
extension ServerDriver {
    /// A connection was accepted, or has been closed and its memory is about to be freed.
    static let onConnection: MHD_NotifyConnectionCallback = { context, handle, slot, event in
        guard let context, let handle, let slot else { return }
        let driver = Unmanaged<ServerDriver>.fromOpaque(context).takeUnretainedValue()
        if event == .CONNECTION_NOTIFY_STARTED {
            let connection = ClientConnection(socket: tailspan_mhd_socket(handle), driver: driver)
            driver.connections[ObjectIdentifier(connection)] = connection
            slot.pointee = Unmanaged.passRetained(connection).toOpaque()
            TransferLimits.process.connectionOpened()
            driver.makeRoom(for: connection)
            driver.lookForSlowConnections()
        } else if let pointer = slot.pointee {
            slot.pointee = nil
            let connection = Unmanaged<ClientConnection>.fromOpaque(pointer).takeRetainedValue()
            driver.connections[ObjectIdentifier(connection)] = nil
            connection.closed()
            TransferLimits.process.connectionClosed()
            // At the limit the daemon stops accepting, and resumes only at the start of a later run.
            driver.runAgain()
        }
    }

    /// The first line of a request has arrived. Only now is the target available as it was sent.
    static let onURI:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?)
            -> UnsafeMutableRawPointer? = { context, uri, handle in
                guard let context, let handle, let pointer = tailspan_mhd_socket_context(handle) else { return nil }
                let driver = Unmanaged<ServerDriver>.fromOpaque(context).takeUnretainedValue()
                let connection = Unmanaged<ClientConnection>.fromOpaque(pointer).takeUnretainedValue()
                let exchange = Exchange(
                    handle: handle, connection: connection, driver: driver, uri: uri.map { String(cString: $0) } ?? "")
                connection.exchange = exchange
                return Unmanaged.passRetained(exchange).toOpaque()
            }

    /// Called when the head of a request has arrived, then for each piece of the body and its end, and after each
    /// resumption.
    static let onRequest: MHD_AccessHandlerCallback = { _, _, _, method, version, bytes, size, slot in
        guard let method, let size, let pointer = slot?.pointee else { return .NO }
        let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
        switch exchange.phase {
        case .head:
            return exchange.receiveHead(method: method, version: version) ? .YES : .NO
        case .body:
            guard size.pointee > 0, let bytes else { return exchange.receiveEnd() ? .YES : .NO }
            let piece = UnsafeRawBufferPointer(start: bytes, count: size.pointee)
            size.pointee = 0
            return exchange.receive(piece) ? .YES : .NO
        case .running, .answered:
            // Unreachable: a running exchange is suspended, and an answered one has its response queued.
            return .YES
        case .abandoned, .over:
            return .NO
        }
    }

    /// A request has ended: its response was written, or the connection broke.
    static let onCompleted: MHD_RequestCompletedCallback = { _, _, slot, code in
        guard let slot, let pointer = slot.pointee else { return }
        slot.pointee = nil
        let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
        exchange.completed(written: code == .REQUEST_TERMINATED_COMPLETED_OK)
    }
}
