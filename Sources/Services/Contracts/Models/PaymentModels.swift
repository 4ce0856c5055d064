import Encoding
import HTTP

/// `POST /v1/reservations`: holds an amount on the guild's channel.
package struct ReservationRequest: Sendable, Equatable {
    package var guildID: String
    package var taskID: String
    package var amount: Int64

    package init(guildID: String, taskID: String, amount: Int64) {
        self.guildID = guildID
        self.taskID = taskID
        self.amount = amount
    }

    package init(_ request: Request) throws {
        var reader = try FieldReader(request)
        guildID = reader.identifier("guild_id")
        taskID = reader.identifier("task_id")
        amount = reader.integer("amount", in: CreateTaskRequest.amounts)
        try reader.finish()
    }

    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.member("guild_id", guildID)
            $0.member("task_id", taskID)
            $0.member("amount", amount)
        }
        return writer.bytes
    }
}

/// The state of a reserved amount.
package enum ReservationState: String, Sendable, CaseIterable {
    /// Held: no longer available to the guild, not yet earned.
    case held
    /// Earned by a settlement.
    case captured
    /// Returned to the guild.
    case released
}

/// An amount held on a guild's channel.
package struct Reservation: Sendable, Equatable {
    package var reservationID: String
    package var channelID: String
    package var guildID: String
    package var amount: Int64
    package var state: ReservationState

    package init(reservationID: String, channelID: String, guildID: String, amount: Int64, state: ReservationState) {
        self.reservationID = reservationID
        self.channelID = channelID
        self.guildID = guildID
        self.amount = amount
        self.state = state
    }

    package init(body: [UInt8]) throws {
        var reader = try FieldReader(body: body)
        reservationID = reader.identifier("reservation_id")
        channelID = reader.identifier("channel_id")
        guildID = reader.identifier("guild_id")
        amount = reader.integer("amount", in: CreateTaskRequest.amounts)
        let state = reader.choice("state", ReservationState.self)
        try reader.finish()
        self.state = state ?? .held
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("reservation_id", reservationID)
            $0.member("channel_id", channelID)
            $0.member("guild_id", guildID)
            $0.member("amount", amount)
            $0.member("state", state.rawValue)
        }
    }
}

/// `POST /v1/settlements`: captures a reservation.
package struct SettlementRequest: Sendable, Equatable {
    package var reservationID: String

    package init(reservationID: String) { self.reservationID = reservationID }

    package init(_ request: Request) throws {
        var reader = try FieldReader(request)
        reservationID = reader.identifier("reservation_id")
        try reader.finish()
    }

    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.member("reservation_id", reservationID) }
        return writer.bytes
    }
}
