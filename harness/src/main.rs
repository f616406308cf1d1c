//! The `rehearsal` program: reads the command line, starts the runtime, ends with the exit code.

use rehearsal::command::Failure;
use rehearsal::config::{self, ConfigError};
use rehearsal::story::StoryError;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        // The message itself may hold remote text or a secret, so only the place is told.
        complain(&format!("rehearsal has a defect{place}; please report it with the command you ran"));
    }));
    let cli = match config::command_line(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(ConfigError::Arguments(said)) => said.exit(),
        Err(wrong) => {
            complain(&wrong.to_string());
            return ExitCode::from(rehearsal::Exit::Usage.code());
        }
    };
    let ended = std::panic::catch_unwind(|| rehearsal::command::execute(cli));
    ExitCode::from(match ended {
        Ok(Ok(exit)) => exit.code(),
        Ok(Err(failure @ Failure::Unread)) => failure.exit().code(),
        Ok(Err(failure)) => {
            // Diagnostics begin with their own word for it.
            let lead = match failure {
                Failure::Suites(_) | Failure::Story(StoryError::Script(_)) => "",
                _ => "error: ",
            };
            complain(&format!("{lead}{failure}"));
            failure.exit().code()
        }
        Err(_) => rehearsal::Exit::Internal.code(),
    })
}

/// Writes to stderr, where a server's own words must not steer a terminal or a CI runner; where stderr is gone nobody can be
/// told.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", rehearsal_reports::harmless(text));
}
