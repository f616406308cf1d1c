//! From a path to what it names (RFC 7644 §3.2, table 2), and which methods that takes.

use http::Method;

use crate::message::decode_path;
use crate::store::Kind;
use crate::version::Version;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// The base URL itself: a query over all resource types (RFC 7644 §3.4.2.1).
    Root,
    /// A query over all resource types by POST.
    RootSearch,
    /// All resources of a kind.
    Collection(Kind),
    /// A query over a kind by POST (RFC 7644 §3.4.3).
    Search(Kind),
    /// One resource, by the id in the path.
    Resource(Kind, String),
    /// The features of the service provider.
    ServiceProviderConfig,
    /// All resource types.
    ResourceTypes,
    /// One resource type, by name.
    ResourceType(String),
    /// All schemas.
    Schemas,
    /// One schema, by URN.
    Schema(String),
    /// The authenticated subject (RFC 7644 §3.11).
    Me,
    /// Bulk operations (RFC 7644 §3.7).
    Bulk,
}

impl Route {
    /// Returns what a percent-encoded path names, or nothing. A trailing slash changes nothing.
    pub(crate) fn of(path: &str) -> Option<(Version, Route)> {
        let (version, below) = Version::split(path)?;
        let below = below.strip_prefix('/').unwrap_or(below);
        let below = below.strip_suffix('/').unwrap_or(below);
        let segments = below.split('/').map(decode_path).collect::<Option<Vec<_>>>()?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let route = match version {
            Version::V2 => Route::in_2_0(&segments),
            Version::V1 => Route::in_1_1(&segments),
        };
        Some((version, route?))
    }

    fn in_2_0(segments: &[&str]) -> Option<Route> {
        Some(match *segments {
            [""] => Route::Root,
            [".search"] => Route::RootSearch,
            ["ServiceProviderConfig"] => Route::ServiceProviderConfig,
            ["ResourceTypes"] => Route::ResourceTypes,
            ["ResourceTypes", name] => Route::ResourceType(name.to_owned()),
            ["Schemas"] => Route::Schemas,
            ["Schemas", id] => Route::Schema(id.to_owned()),
            ["Me"] => Route::Me,
            ["Bulk"] => Route::Bulk,
            [collection] => Route::Collection(Kind::at(collection)?),
            [collection, ".search"] => Route::Search(Kind::at(collection)?),
            [collection, id] => Route::Resource(Kind::at(collection)?, id.to_owned()),
            _ => return None,
        })
    }

    /// SCIM 1.1 has no queries over everything and none by POST, no subject, and the plural of one name; Okta's roles and
    /// entitlements belong to SCIM 2.0.
    fn in_1_1(segments: &[&str]) -> Option<Route> {
        match *segments {
            ["ServiceProviderConfigs"] => Some(Route::ServiceProviderConfig),
            ["ServiceProviderConfig" | "Me"] | [""] | [".search"] | [_, ".search"] => None,
            _ => Route::in_2_0(segments).filter(|route| !route.is_of_entitlements()),
        }
    }

    fn is_of_entitlements(&self) -> bool {
        matches!(self, Route::Collection(kind) | Route::Resource(kind, _) if kind.is_read_only())
    }

    /// Returns the methods that are defined here. HEAD goes wherever GET does (RFC 9110 §9.3.2).
    pub(crate) fn methods(&self) -> &'static [Method] {
        match self {
            Route::Collection(kind) | Route::Resource(kind, _) if kind.is_read_only() => &[Method::GET, Method::HEAD],
            Route::Collection(_) => &[Method::GET, Method::HEAD, Method::POST],
            Route::Resource(..) => &[Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE],
            Route::RootSearch | Route::Search(_) => &[Method::POST],
            Route::Bulk => &[Method::POST],
            Route::Me => &[Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE],
            _ => &[Method::GET, Method::HEAD],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_table_2_says() {
        let user = |id: &str| Some(Route::Resource(Kind::User, id.to_owned()));
        let table: &[(&str, Option<Route>)] = &[
            ("/scim/v2", Some(Route::Root)),
            ("/scim/v2/", Some(Route::Root)),
            ("/scim/v2/Users", Some(Route::Collection(Kind::User))),
            ("/scim/v2/Groups/", Some(Route::Collection(Kind::Group))),
            ("/scim/v2/Users/a%40b", user("a@b")),
            ("/scim/v2/Users/a+b", user("a+b")),
            ("/scim/v2/Users/..%2FGroups", user("../Groups")),
            ("/scim/v2/Users/.search", Some(Route::Search(Kind::User))),
            ("/scim/v2/.search", Some(Route::RootSearch)),
            ("/scim/v2/Schemas/urn%3Ax", Some(Route::Schema("urn:x".to_owned()))),
            ("/scim/v2/Users/a/b", None),
            ("/scim/v2/users", None),
            ("/scim/v22/Users", None),
            ("/scim/v2/Users/%FF", None),
            ("/Users", None),
        ];
        for (path, route) in table {
            assert_eq!(Route::of(path).map(|(_, route)| route), *route, "{path}");
        }
    }

    #[test]
    fn version_1_1_has_fewer_paths_and_one_of_its_own() {
        let route =
            |path: &str| Route::of(&format!("/scim/v1{path}")).map(|(version, route)| (version == Version::V1, route));
        assert_eq!(route("/Users"), Some((true, Route::Collection(Kind::User))));
        assert_eq!(route("/ServiceProviderConfigs"), Some((true, Route::ServiceProviderConfig)));
        for path in ["", "/ServiceProviderConfig", "/Users/.search", "/Roles", "/Entitlements/x", "/Me"] {
            assert_eq!(route(path), None, "{path}");
        }
        assert_eq!(Route::of("/scim/v2/ServiceProviderConfigs"), None);
    }
}
