extension Duration {
    /// The duration in seconds, to the nanosecond.
    @inlinable package var seconds: Double { Double(wholeNanoseconds) / 1e9 }

    /// The duration in milliseconds, to the microsecond; the precision of log lines and responses.
    @inlinable package var milliseconds: Double { (seconds * 1_000_000).rounded() / 1000 }

    /// The duration in whole nanoseconds, rounded towards zero; saturates at about 146 years.
    @inlinable package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit: Int64 = .max / 2_000_000_000
        if seconds >= limit { return .max / 2 }
        if seconds <= -limit { return .min / 2 }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// The duration in whole microseconds, rounded towards zero.
    @inlinable package var wholeMicroseconds: Int64 { wholeNanoseconds / 1000 }

    /// The duration in whole milliseconds, rounded towards zero.
    @inlinable package var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }

    /// The duration in whole units of `unit` nanoseconds, rounded up, so that a limit of half a second does not become
    /// zero.
    @inlinable
    package func roundedUp(toNanoseconds unit: Int64) -> Int64 {
        let (quotient, rest) = wholeNanoseconds.quotientAndRemainder(dividingBy: unit)
        return rest > 0 ? quotient + 1 : quotient
    }
}
