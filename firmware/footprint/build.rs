//! Links each program from its one function on, and nothing that the function does not reach.

fn main() {
    println!("cargo::rustc-link-arg-bins=--entry=inference");
    println!("cargo::rustc-link-arg-bins=--gc-sections");
    println!("cargo::rustc-link-arg-bins=--emit-relocs");
}
