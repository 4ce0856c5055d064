@main
enum Tailspan {
    static func main() {}
}
