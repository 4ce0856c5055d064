extension String {
    /// Whether both are equal, in a time that does not tell where the first difference is: for secrets that somebody sends.
    package func equalsInConstantTime(_ secret: String) -> Bool {
        let (left, right) = (Array(utf8), Array(secret.utf8))
        var difference = left.count ^ right.count
        for index in left.indices { difference |= Int(left[index] ^ (right.isEmpty ? 0 : right[index % right.count])) }
        return difference == 0
    }
}
