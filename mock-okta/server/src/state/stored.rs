//! An org read from its folder, for looking at it while nobody serves it, or somebody else does.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use http::Method;
use serde_json::Value;

use super::records::Records;
use super::{FILE, StateError, expect_file, read_head, repeat, unusable, withheld};
use crate::call::Call;
use crate::seed::Seed;
use crate::world::World;

/// An org that can be asked and not changed. Nothing is sent, and the folder stays as it is.
#[derive(Debug)]
pub struct StoredOrg {
    world: World,
    /// How many bytes at the end of the file are no record.
    ignored: u64,
}

/// An answer of the Management API.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// The target of the next page.
    pub next: Option<String>,
}

impl StoredOrg {
    /// Reads the org that is kept in a folder, as far as it is written at this moment.
    pub fn read(folder: &Path) -> Result<StoredOrg, StateError> {
        let path = folder.join(FILE);
        let file = File::open(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => StateError::Absent { file: path.clone() },
            _ => unusable(&path)(error),
        })?;
        expect_file(&file, &path)?;
        let mut records = Records::new(BufReader::new(file));
        let head = read_head(&mut records, &path)?.ok_or_else(|| StateError::Absent { file: path.clone() })?;
        let mut world = Seed::parse(&head.seed)?.without_secrets().build(withheld(&head).as_ref())?;
        let (_, ignored) = repeat(&mut records, &path, head.began, &mut world)?;
        Ok(StoredOrg { world, ignored })
    }

    /// Returns how many bytes at the end of the file are no record: one that was cut off, or is being written.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Answers a GET of the Management API, such as `/api/v1/logs?limit=10`.
    pub fn get(&mut self, target: &str) -> StoredAnswer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let call = Call::new(Method::GET, path, query, Vec::new(), "");
        match self.world.call(call) {
            Err(error) => StoredAnswer { status: error.status(), body: error.body("stored"), next: None },
            Ok(answer) => match self.world.draw(&answer.view, "") {
                Err(error) => StoredAnswer { status: error.status(), body: error.body("stored"), next: None },
                Ok(body) => {
                    let next = answer.links.into_iter().find(|(relation, _)| *relation == "next");
                    let next = next.map(|(_, target)| target);
                    StoredAnswer { status: answer.status, body: body.unwrap_or_default(), next }
                }
            },
        }
    }
}
