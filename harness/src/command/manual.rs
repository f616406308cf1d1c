//! `rehearsal completions` and `rehearsal man`: what a shell and `man` want to know of the command line.

use super::Failure;
use crate::cli::Cli;
use crate::exit::Exit;
use clap::CommandFactory;
use clap_complete::Shell;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Prints the completions of a shell.
pub(super) fn completions(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rehearsal", &mut script);
    io::stdout().write_all(&script).map_err(Failure::printing("the completions cannot be printed"))?;
    Ok(Exit::Passed)
}

/// Writes a man page for each command into a folder.
pub(super) fn man(folder: &Path) -> Result<Exit, Failure> {
    let what = || Failure::local(format!("no man page can be written into {}", folder.display()));
    fs::create_dir_all(folder).map_err(what())?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(what())?;
    Ok(Exit::Passed)
}
