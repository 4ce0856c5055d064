/// A line for a shell, taken apart as far as the pages of documentation need it.
enum ShellWords {
    /// The commands of a line, each as its words: split at `&&`, `;` and `|`, without comments, redirections and leading
    /// assignments of variables.
    static func commands(in line: String) -> [[String]] {
        var commands: [[String]] = [[]]
        var word = ""
        var hasWord = false
        var quote: Character?
        func endWord() {
            if hasWord { commands[commands.count - 1].append(word) }
            (word, hasWord) = ("", false)
        }
        characters: for character in line {
            switch (quote, character) {
            case (let open?, _):
                if character == open { quote = nil } else { word.append(character) }
            case (nil, "'"), (nil, "\""): (quote, hasWord) = (character, true)
            case (nil, "#") where !hasWord: break characters
            case (nil, "&"), (nil, ";"), (nil, "|"):
                endWord()
                if commands.last?.isEmpty == false { commands.append([]) }
            case (nil, " "): endWord()
            default:
                word.append(character)
                hasWord = true
            }
        }
        endWord()
        return commands.map { words in
            let words = words.drop { $0.wholeMatch(of: /[A-Z_]+=.*/) != nil }
            return Array(words.prefix { $0 != ">" && $0 != "<" })
        }.filter { !$0.isEmpty }
    }

    /// The variables set before the commands of a line.
    static func assignments(in line: String) -> [(name: String, value: String)] {
        line.matches(of: /(?:^|\s)([A-Z_]+)=(?:'([^']*)'|"([^"]*)"|(\S*))/).map { match in
            (String(match.1), String(match.2 ?? match.3 ?? match.4 ?? ""))
        }
    }
}
