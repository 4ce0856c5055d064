extension Duration {
    /// In seconds, to the nanosecond.
    @inlinable package var seconds: Double { Double(wholeNanoseconds) / 1e9 }

    /// In milliseconds, to the microsecond: what lines and answers say.
    @inlinable package var milliseconds: Double { (seconds * 1_000_000).rounded() / 1000 }

    /// In whole nanoseconds, towards zero; saturated at about 146 years.
    @inlinable package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit: Int64 = .max / 2_000_000_000
        if seconds >= limit { return .max / 2 }
        if seconds <= -limit { return .min / 2 }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// In whole microseconds, towards zero.
    @inlinable package var wholeMicroseconds: Int64 { wholeNanoseconds / 1000 }

    /// In whole milliseconds, towards zero.
    @inlinable package var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }

    /// In whole units of that many nanoseconds, rounded up: a limit of half a second is not one of none.
    @inlinable
    package func roundedUp(toNanoseconds unit: Int64) -> Int64 {
        let (quotient, rest) = wholeNanoseconds.quotientAndRemainder(dividingBy: unit)
        return rest > 0 ? quotient + 1 : quotient
    }
}
