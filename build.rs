//! Packs `checks/` and `policies/` into the binary, so that the tool is one file and needs no installation.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    pack(&root, "checks", "CHECKS", &out.join("checks.rs"))?;
    pack(&root, "policies", "POLICIES", &out.join("policies.rs"))?;
    Ok(())
}

/// Writes a table of (path, text) of every YAML file of a folder, sorted by name.
fn pack(root: &Path, folder: &str, name: &str, to: &Path) -> io::Result<()> {
    println!("cargo:rerun-if-changed={folder}");
    let mut files = Vec::new();
    match fs::read_dir(root.join(folder)) {
        Ok(entries) => {
            for entry in entries {
                let path = entry?.path();
                if path.extension().is_some_and(|e| e == "yaml") {
                    files.push(path);
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    files.sort();
    let mut code = format!("pub(crate) static {name}: &[(&str, &str)] = &[\n");
    for path in files {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let shown = format!("{folder}/{file}");
        // Writing to a String cannot fail.
        let _ = writeln!(code, "    ({shown:?}, include_str!({:?})),", path.display().to_string());
    }
    code.push_str("];\n");
    fs::write(to, code)
}
