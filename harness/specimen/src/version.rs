//! The two versions of the protocol.

use std::fmt;

/// A version of SCIM that a specimen speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// SCIM 2.0 (RFC 7643 and RFC 7644).
    V2,
    /// SCIM 1.1 (<https://www.simplecloud.info/specs/draft-scim-api-01.html>), which older Okta apps speak.
    V1,
}

impl Version {
    /// Both versions, the usual one first.
    pub const ALL: &'static [Version] = &[Version::V2, Version::V1];

    /// Returns the path below which a specimen serves this version.
    pub const fn base_path(self) -> &'static str {
        match self {
            Version::V2 => "/scim/v2",
            Version::V1 => "/scim/v1",
        }
    }

    /// Returns the version a path belongs to, with what the path says below the base, a leading slash included.
    pub(crate) fn split(path: &str) -> Option<(Version, &str)> {
        Version::ALL.iter().find_map(|version| {
            let below = path.strip_prefix(version.base_path())?;
            (below.is_empty() || below.starts_with('/')).then_some((*version, below))
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::V2 => "2.0",
            Version::V1 => "1.1",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_version_whose_base_it_begins_with() {
        assert_eq!(Version::split("/scim/v2"), Some((Version::V2, "")));
        assert_eq!(Version::split("/scim/v1/Users"), Some((Version::V1, "/Users")));
        assert_eq!(Version::split("/scim/v11/Users"), None);
        assert_eq!(Version::split("/Users"), None);
    }
}
