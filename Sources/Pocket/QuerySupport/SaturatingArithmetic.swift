/// Arithmetic on numbers that clients send: what does not fit becomes the nearest number that does, and nothing traps.
extension Int64 {
    /// The nearest number to `value`; 0 for what is not a number.
    package init(nearest value: Double) {
        // 2^63 is one more than fits, and -2^63 fits.
        self = value.isNaN ? 0 : value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int64(value)
    }

    package func plus(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    package func minus(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    package func times(_ other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}

extension UInt64 {
    package func plus(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    package func minus(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
