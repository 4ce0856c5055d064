import Contracts
import Encoding
import HTTP
import Logging
import Vocabulary

extension PaymentsService {
    func reserve(_ request: Request, _ context: RequestContext) async throws -> Response {
        let body = try ReservationRequest(request)
        let key = try idempotencyKey(of: request)
        let (reservation, isNew) = try operations.database(
            "INSERT", "reservations", namespace: Ledger.name, text: Ledger.Query.reserve.text
        ) {
            try ledger.reserve(body, idempotencyKey: key)
        }
        context.logger.info(
            isNew ? "amount reserved" : "reservation replayed", metadata: fields(reservation, taskID: body.taskID))
        return Response.json(status: isNew ? .created : .ok) { reservation.write(to: &$0) }
    }

    func settle(_ request: Request, _ context: RequestContext) async throws -> Response {
        let body = try SettlementRequest(request)
        _ = try idempotencyKey(of: request)
        let reservation = try operations.database(
            "UPDATE", "reservations", namespace: Ledger.name, text: Ledger.Query.finish.text
        ) {
            try ledger.settle(body.reservationID)
        }
        context.logger.info("reservation captured", metadata: fields(reservation))
        return Response.json(status: .created) { reservation.write(to: &$0) }
    }

    func release(_ request: Request, _ context: RequestContext) async throws -> Response {
        let id = try context.parameters.require("id")
        let reservation = try operations.database(
            "UPDATE", "reservations", namespace: Ledger.name, text: Ledger.Query.finish.text
        ) {
            try ledger.release(id)
        }
        context.logger.info("reservation released", metadata: fields(reservation))
        return Response.json { reservation.write(to: &$0) }
    }

    func showReservation(_ request: Request, _ context: RequestContext) async throws -> Response {
        let id = try context.parameters.require("id")
        let reservation = try operations.database(
            "SELECT", "reservations", namespace: Ledger.name, text: Ledger.Query.find.text
        ) {
            try ledger.reservation(id)
        }
        return Response.json { reservation.write(to: &$0) }
    }

    func balance(_ request: Request, _ context: RequestContext) async throws -> Response {
        let id = try context.parameters.require("id")
        let balance = try operations.database(
            "SELECT", "accounts", namespace: Ledger.name, text: Ledger.Query.balance.text
        ) {
            try ledger.balance(guildID: id)
        }
        return Response.json {
            $0.object {
                $0.member("guild_id", id)
                $0.member("channel_id", balance.channelID)
                $0.member("available", balance.available)
                $0.member("held", balance.held)
            }
        }
    }

    /// Answers 200 if the audit finds no error, otherwise 500 with the same figures.
    func integrity(_ request: Request, _ context: RequestContext) async throws -> Response {
        let report = try operations.database(
            "SELECT", "accounts", namespace: Ledger.name, text: Ledger.Query.audit.text
        ) { try ledger.integrity() }
        return Response.json(status: report.isSound ? .ok : .internalServerError) {
            $0.object {
                $0.member("sound", report.isSound)
                $0.member("sum", report.sum)
                $0.member("accounts", report.accounts)
                $0.member("transfers", report.transfers)
                $0.member("accounts_off_their_transfers", report.accountsOffTheirTransfers)
                $0.member("held_on_accounts", report.heldOnAccounts)
                $0.member("held_by_reservations", report.heldByReservations)
            }
        }
    }

    private func idempotencyKey(of request: Request) throws -> String {
        guard let key = request.headers[Header.idempotencyKey], !key.isEmpty, key.utf8.count <= 128 else {
            throw HTTPError(
                .badRequest, type: "idempotency-key-required",
                message: "expected an Idempotency-Key of 1 to 128 characters")
        }
        return key
    }

    private func fields(_ reservation: Reservation, taskID: String? = nil) -> Logger.Metadata {
        var fields: Logger.Metadata = [
            LogField.component: "ledger", LogField.guildID: .string(reservation.guildID),
            LogField.channelID: .string(reservation.channelID), LogField.amount: .integer(reservation.amount),
            LogField.reservationID: .string(reservation.reservationID),
        ]
        if let taskID { fields[LogField.taskID] = .string(taskID) }
        return fields
    }
}
