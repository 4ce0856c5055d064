import CLinux
import Glibc
import Synchronization

/// The names of the program's own functions, from its symbol table. Thread-safe.
///
/// `dladdr` knows only exported functions, and an executable exports hardly any. The program file is therefore read,
/// once for each new address. There are no more addresses than there are calls in the code.
final class SymbolNames: Sendable {
    static let shared = SymbolNames()

    /// An address without a visible name is stored with an empty name.
    private let known = Mutex<[UInt: String]>([:])

    /// The names of those addresses that belong to visible functions.
    func names(of addresses: [UInt]) -> [String] {
        known.withLock { known in
            let new = addresses.filter { known[$0] == nil }
            if !new.isEmpty {
                for address in new { known[address] = "" }
                for (address, name) in Self.lookUp(new) { known[address] = name }
            }
            return addresses.compactMap { known[$0] }.filter { !$0.isEmpty }
        }
    }

    private static func lookUp(_ addresses: [UInt]) -> [(UInt, String)] {
        let places = addresses.compactMap { address -> (address: UInt, offset: UInt)? in
            let offset = UInt(tailspan_program_offset(uintptr_t(address)))
            return offset == 0 ? nil : (address, offset)
        }
        guard !places.isEmpty else { return [] }
        var found: [(UInt, String)] = []
        ELFFile.withProgram { file in
            file.forEachFunction { start, end, symbol in
                for place in places where start <= place.offset && place.offset < end {
                    if let name = FunctionName.shown(symbol) { found.append((place.address, name)) }
                }
            }
        }
        return found
    }
}
