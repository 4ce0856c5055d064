/// Decimal and hexadecimal numbers.
extension JSON5Reader {
    mutating func number() throws(JSON5Error) -> JSON5Value.Content {
        let start = place
        var isNegative = false
        if current == "+" || current == "-" {
            isNegative = current == "-"
            advance()
        }
        if let scalar = current, Self.beginsName(scalar) { throw error("expected a finite number", at: start) }
        if current == "0", next == "x" || next == "X" { return try hexadecimal(isNegative, start) }
        var digits = ""
        var isWhole = true
        let whole = takeDigits()
        guard whole.count < 2 || !whole.hasPrefix("0") else { throw error("a number may not start with 0", at: start) }
        digits += whole.isEmpty ? "0" : whole
        if current == "." {
            isWhole = false
            advance()
            let fraction = takeDigits()
            guard !whole.isEmpty || !fraction.isEmpty else { throw error("expected a number", at: start) }
            digits += "." + (fraction.isEmpty ? "0" : fraction)
        } else if whole.isEmpty {
            throw error("expected a number", at: start)
        }
        if current == "e" || current == "E" {
            isWhole = false
            advance()
            digits += "e"
            if let sign = current, sign == "+" || sign == "-" {
                digits.unicodeScalars.append(sign)
                advance()
            }
            let exponent = takeDigits()
            guard !exponent.isEmpty else { throw error("expected a digit") }
            digits += exponent
        }
        if let scalar = current, Self.beginsName(scalar) {
            throw error("expected the number to end before '\(scalar)'")
        }
        if isWhole, let integer = Int64((isNegative ? "-" : "") + digits) { return .integer(integer) }
        guard let double = Double(digits), double.isFinite else { throw error("the number is out of range", at: start) }
        return .double(isNegative ? -double : double)
    }

    private mutating func hexadecimal(_ isNegative: Bool, _ start: TextPlace) throws(JSON5Error) -> JSON5Value.Content {
        advance()
        advance()
        var digits = isNegative ? "-" : ""
        while let scalar = current, Self.hexValue(scalar) != nil {
            digits.unicodeScalars.append(scalar)
            advance()
        }
        guard digits.last?.isHexDigit == true else { throw error("expected a hex digit") }
        guard let integer = Int64(digits, radix: 16) else { throw error("the number is out of range", at: start) }
        return .integer(integer)
    }

    private mutating func takeDigits() -> String {
        var digits = ""
        while let scalar = current, ("0"..."9").contains(scalar) {
            digits.unicodeScalars.append(scalar)
            advance()
        }
        return digits
    }
}
