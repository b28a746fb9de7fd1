//! Has the program built again when the console's pages were: they are embedded in it (`src/http/console/files.rs`).

fn main() {
    println!("cargo::rerun-if-changed=web/dist");
}
