/// RFC 3339 timestamps in UTC.
package enum RFC3339 {
    /// The calendar date and time of day of a point in time.
    package struct Components: Equatable {
        package var year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int
    }

    /// The UTC components of a number of seconds since the Unix epoch (proleptic Gregorian calendar).
    package static func components(secondsSinceEpoch seconds: Int64) -> Components {
        let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let rest = Int(seconds - days * 86_400)
        // Converts days to a calendar date, in eras of 400 years.
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return Components(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, hour: rest / 3600, minute: rest % 3600 / 60,
            second: rest % 60)
    }

    /// `2026-11-20T16:32:01.123456Z`: UTC, truncated to microseconds. Always six digits, so that strings sort like
    /// times.
    package static func string(nanosecondsSinceEpoch: UInt64) -> String {
        var writer = ByteWriter(capacity: 32)
        append(nanosecondsSinceEpoch: nanosecondsSinceEpoch, to: &writer)
        return writer.string
    }

    /// Appends `2026-11-20T16:32:01.123456Z`.
    package static func append(nanosecondsSinceEpoch: UInt64, to writer: inout ByteWriter) {
        let seconds = nanosecondsSinceEpoch / 1_000_000_000
        let parts = components(secondsSinceEpoch: Int64(seconds))
        appendPadded(parts.year, 4, &writer)
        writer.append(UInt8(ascii: "-"))
        appendPadded(parts.month, 2, &writer)
        writer.append(UInt8(ascii: "-"))
        appendPadded(parts.day, 2, &writer)
        writer.append(UInt8(ascii: "T"))
        appendPadded(parts.hour, 2, &writer)
        writer.append(UInt8(ascii: ":"))
        appendPadded(parts.minute, 2, &writer)
        writer.append(UInt8(ascii: ":"))
        appendPadded(parts.second, 2, &writer)
        writer.append(UInt8(ascii: "."))
        appendPadded(Int(nanosecondsSinceEpoch % 1_000_000_000 / 1000), 6, &writer)
        writer.append(UInt8(ascii: "Z"))
    }

    private static func appendPadded(_ value: Int, _ width: Int, _ writer: inout ByteWriter) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            writer.append(UInt8(value / divisor % 10) + 48)
            divisor /= 10
        }
    }

    /// Parses a timestamp with any fraction and offset; `nil` if it is invalid, before 1970, or after July 2554.
    package static func parse(_ text: some Collection<UInt8>) -> UInt64? {
        let bytes = Array(text)
        guard bytes.count >= 20 else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var result = 0
            for byte in bytes[range] {
                guard byte >= 48, byte <= 57 else { return nil }
                result = result * 10 + Int(byte - 48)
            }
            return result
        }
        guard let year = number(0..<4), bytes[4] == 45, let month = number(5..<7), bytes[7] == 45,
            let day = number(8..<10), bytes[10] | 0x20 == 0x74 || bytes[10] == 0x20, let hour = number(11..<13),
            bytes[13] == 58, let minute = number(14..<16), bytes[16] == 58, let second = number(17..<19),
            (1...12).contains(month), day >= 1, day <= daysIn(month, year), hour < 24, minute < 60, second <= 60
        else { return nil }
        var index = 19
        var nanoseconds = 0
        if bytes[index] == 46 {
            index += 1
            let start = index
            var scale = 100_000_000
            while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 {
                nanoseconds += Int(bytes[index] - 48) * scale
                scale /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        guard index < bytes.count else { return nil }
        var offset = 0
        switch bytes[index] {
        case 0x5A, 0x7A: index += 1
        case 0x2B, 0x2D:
            guard bytes.count >= index + 6, let hours = number(index + 1..<index + 3), bytes[index + 3] == 58,
                let minutes = number(index + 4..<index + 6), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (bytes[index] == 0x2B ? 1 : -1)
            index += 6
        default: return nil
        }
        guard index == bytes.count else { return nil }
        let total = daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        // Nanoseconds in 64 bits overflow in the year 2554.
        guard total >= 0 else { return nil }
        let (whole, overflows) = UInt64(total).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carries) = whole.addingReportingOverflow(UInt64(nanoseconds))
        return overflows || carries ? nil : sum
    }

    private static func daysIn(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
