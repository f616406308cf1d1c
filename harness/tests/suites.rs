//! Every suite case against the specimen, each as a test of its own.

use rehearsal::testing::{Target, run_suites};

fn main() -> std::process::ExitCode {
    run_suites(Target::specimen())
}
