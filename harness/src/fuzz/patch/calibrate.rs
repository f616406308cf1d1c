//! Which attributes of RFC 7643 a server has, so that trials are about no others.
//!
//! The schemas say what they offer; whether it is so, a resource with all of it tells.

use super::rig::{Care, Rig, Unarranged};
use crate::fuzz::{Ground, Unfit};
use scim_fuzz::patch::{Aim, Law, Resource, Trial, Vocabulary};
use scim_lang::schema::Mutability;

/// Asks the server which attributes it has.
pub(super) async fn vocabulary(ground: &Ground<'_>, rig: &mut Rig, aims: &[Aim]) -> Result<Vocabulary, Unfit> {
    let is_about_groups = !aims.is_empty() && aims.iter().all(|aim| matches!(aim, Aim::Groups | Aim::Race));
    let is_about_users = aims == [Aim::Users];
    let is_wanted = |resource: Resource| if resource == Resource::User { !is_about_groups } else { !is_about_users };
    let mut vocabulary = Vocabulary::default();
    for resource in [Resource::User, Resource::Group].into_iter().filter(|resource| is_wanted(*resource)) {
        leave_out_what_is_not_offered(ground, resource, &mut vocabulary);
        match leave_out_what_is_not_kept(ground, rig, resource, &mut vocabulary).await {
            // Not every server has groups, and Okta and the laws are about users, too.
            Err(Unfit::Skip(_)) if resource == Resource::Group && !is_about_groups => {
                Vocabulary::paths(resource).iter().for_each(|path| vocabulary.leave_out(resource, path));
            }
            result => result?,
        }
    }
    Ok(vocabulary)
}

fn leave_out_what_is_not_offered(ground: &Ground<'_>, resource: Resource, vocabulary: &mut Vocabulary) {
    for path in Vocabulary::paths(resource) {
        let offered = ground.discovery.attribute(resource.name(), &path);
        let may_write = |mutability: Mutability| match mutability {
            Mutability::ReadWrite => true,
            // The parts of a member are set once, with the member.
            Mutability::Immutable => path.starts_with("members."),
            Mutability::ReadOnly | Mutability::WriteOnly => false,
        };
        if !offered.is_some_and(|attribute| may_write(attribute.mutability)) {
            vocabulary.leave_out(resource, &path);
        }
    }
}

async fn leave_out_what_is_not_kept(
    ground: &Ground<'_>,
    rig: &mut Rig,
    resource: Resource,
    vocabulary: &mut Vocabulary,
) -> Result<(), Unfit> {
    let mut reason = String::new();
    for attempt in 0..3 {
        match attempt {
            0 => {}
            // What Okta sends, a server that works with it must take.
            1 => leave_out_all_but(
                resource,
                vocabulary,
                &["userName", "name", "displayName", "emails", "active", "members"],
            ),
            _ => leave_out_all_but(resource, vocabulary, &["userName", "displayName"]),
        }
        let start = vocabulary.specimen(resource);
        let trial = Trial { law: Law::Reference, resource, start, operations: Vec::new() };
        match rig.arrange(ground.lane, &trial, Care::Careful).await {
            Ok(arranged) => {
                for path in Vocabulary::missing(resource, &arranged.sent, &arranged.before) {
                    vocabulary.leave_out(resource, &path);
                }
                return Ok(());
            }
            Err(Unarranged::Refused(what)) => reason = what,
            Err(Unarranged::Failing(reply)) => reason = format!("a creation answers {}", super::rig::told(&reply)),
            Err(Unarranged::Stop(stop)) => return Err(stop.into()),
        }
    }
    Err(Unfit::Skip(format!("no {} can be made to be patched: {reason}", resource.name())))
}

fn leave_out_all_but(resource: Resource, vocabulary: &mut Vocabulary, kept: &[&str]) {
    for path in Vocabulary::paths(resource) {
        let base = path.split('.').next().unwrap_or_default();
        if path.starts_with("urn:") || !kept.contains(&base) {
            vocabulary.leave_out(resource, &path);
        }
    }
}
