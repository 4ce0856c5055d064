extension String {
    /// Whether both strings are equal, in a time that does not reveal the first difference. For comparing received
    /// secrets.
    package func equalsInConstantTime(_ secret: String) -> Bool {
        let (left, right) = (Array(utf8), Array(secret.utf8))
        var difference = left.count ^ right.count
        for index in left.indices { difference |= Int(left[index] ^ (right.isEmpty ? 0 : right[index % right.count])) }
        return difference == 0
    }
}
