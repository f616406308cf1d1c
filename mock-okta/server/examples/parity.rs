//! Prints the parity table, which is what `PARITY.md` holds.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    io::stdout().write_all(mock_okta_server::parity().as_bytes())
}
