import Workload

extension RootSpans {
    /// The form that a verification uses: it sends through these spans and asks whether they have arrived.
    package var verified: VerificationRun.Roots {
        VerificationRun.Roots(
            recording: { self.recording($0) },
            areDelivered: {
                let counts = await self.flush()
                return counts.recorded > 0 && counts.lost == 0
            })
    }
}
