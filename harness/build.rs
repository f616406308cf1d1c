//! Embeds the suites: writes a list of `(path, text)` for every file under `suites/` that the loader reads.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../suites");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();

    let mut list = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&root).expect("collected below root").to_str().expect("ASCII names");
        let name = name.replace('\\', "/");
        writeln!(list, "    ({name:?}, include_str!({:?})),", file.canonicalize()?.display().to_string())
            .expect("writing to a string");
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("suites.rs"), list)
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|ending| ending == "toml" || ending == "http" || ending == "csv") {
            into.push(path);
        }
    }
    Ok(())
}
