//! From names to attributes: whether a filter makes sense for a resource
//! type, decided before the first resource is looked at.

use jiff::Timestamp;
use serde_json::{Number, Value};
use thiserror::Error;

use super::{CompareOp, Filter, instant};
use crate::error::{ScimError, ScimType};
use crate::path::AttrPath;
use crate::schema::{Attribute, ResourceType, Returned, Type};

/// Why a filter that parses cannot be decided for a resource type.
///
/// Each of these is 400 `invalidFilter`, and none depends on a resource: a
/// filter is refused for an empty directory too.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvalError {
    /// The resource type has no such attribute.
    #[error("there is no attribute `{0}`")]
    UnknownAttribute(AttrPath),
    /// The operator means nothing for the attribute's type.
    #[error("`{op}` cannot compare `{path}`, which is {}", .ty.name())]
    UnsupportedOperator {
        /// The attribute.
        path: AttrPath,
        /// The operator.
        op: CompareOp,
        /// The attribute's type.
        ty: Type,
    },
    /// The literal is not of the attribute's type.
    #[error("`{path}` is {}, and {found} is not", .ty.name())]
    WrongLiteral {
        /// The attribute.
        path: AttrPath,
        /// The attribute's type.
        ty: Type,
        /// The literal as JSON.
        found: String,
    },
    /// The attribute is complex and the filter does not say which
    /// sub-attribute of it is meant.
    #[error("`{0}` is complex; name one of its sub-attributes")]
    NeedsSubAttribute(AttrPath),
    /// Brackets follow an attribute that has no sub-attributes, or one inside
    /// other brackets.
    #[error("`{0}` is not complex; no brackets can follow it")]
    NotComplex(AttrPath),
    /// The attribute is never returned, and a filter would reveal it bit by
    /// bit.
    #[error("`{0}` is never returned and cannot be filtered by")]
    NeverReturned(AttrPath),
}

impl From<EvalError> for ScimError {
    /// RFC 7644 §3.12: 400 `invalidFilter`.
    fn from(error: EvalError) -> Self {
        ScimError::bad_request(ScimType::InvalidFilter, error.to_string())
    }
}

/// A filter with its names resolved and its literals read.
#[derive(Debug, Clone)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Place, Test),
    Element(Place, Box<Node>),
}

/// Where the values of an attribute lie, seen from the resource or, inside
/// brackets, from the element.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) extension: Option<&'static str>,
    pub(super) name: &'static str,
    pub(super) sub: Option<&'static str>,
    /// The value to assume where there is none.
    pub(super) assumed: Option<&'static Value>,
}

#[derive(Debug, Clone)]
pub(super) enum Test {
    /// `pr`.
    Present,
    /// `eq null`.
    Unassigned,
    /// `ne null`.
    Assigned,
    Compare(CompareOp, Operand),
}

#[derive(Debug, Clone)]
pub(super) enum Operand {
    Exact(String),
    /// Folded, see [`fold`].
    Folded(String),
    Boolean(bool),
    Number(Number),
    Instant(Timestamp),
}

/// What the paths of a filter start from.
#[derive(Clone, Copy)]
pub(super) enum Scope<'a> {
    Resource(&'a ResourceType),
    Element(&'a Attribute),
}

impl Scope<'_> {
    pub(super) fn resolve(self, filter: &Filter) -> Result<Node, EvalError> {
        match filter {
            Filter::And(..) => self.resolve_all(filter.chain()).map(Node::All),
            Filter::Or(..) => self.resolve_all(filter.chain()).map(Node::Any),
            Filter::Not(inner) => Ok(Node::Not(Box::new(self.resolve(inner)?))),
            Filter::Present(path) => {
                let (place, _) = self.find(path)?;
                Ok(Node::Test(place, Test::Present))
            }
            Filter::Compare { path, op, value } => self.comparison(path, *op, value),
            Filter::ValuePath { path, filter } => self.value_path(path, filter),
        }
    }

    fn resolve_all(self, operands: Vec<&Filter>) -> Result<Vec<Node>, EvalError> {
        operands.into_iter().map(|f| self.resolve(f)).collect()
    }

    fn comparison(self, path: &AttrPath, op: CompareOp, value: &Value) -> Result<Node, EvalError> {
        let (mut place, mut attribute) = self.find(path)?;
        match (op, value) {
            (CompareOp::Eq, Value::Null) => return Ok(Node::Test(place, Test::Unassigned)),
            (CompareOp::Ne, Value::Null) => return Ok(Node::Test(place, Test::Assigned)),
            _ => {}
        }
        if attribute.ty == Type::Complex {
            let needed = || EvalError::NeedsSubAttribute(path.clone());
            let values = attribute.multi_valued.then(|| attribute.sub("value"));
            attribute = values.flatten().ok_or_else(needed)?;
            place.sub = Some(attribute.name);
        }
        let operand = read_operand(path, op, value, attribute)?;
        Ok(Node::Test(place, Test::Compare(op, operand)))
    }

    fn value_path(self, path: &AttrPath, filter: &Filter) -> Result<Node, EvalError> {
        let (place, attribute) = self.find(path)?;
        match (self, attribute.ty, place.sub) {
            (Scope::Resource(_), Type::Complex, None) => {
                let inside = Scope::Element(attribute).resolve(filter)?;
                Ok(Node::Element(place, Box::new(inside)))
            }
            _ => Err(EvalError::NotComplex(path.clone())),
        }
    }

    fn find(self, path: &AttrPath) -> Result<(Place, &'static Attribute), EvalError> {
        let found = match self {
            Scope::Resource(ty) => find_in_resource(ty, path),
            Scope::Element(parent) => find_in_element(parent, path),
        };
        let (place, attribute) = found.ok_or_else(|| EvalError::UnknownAttribute(path.clone()))?;
        match attribute.returned {
            Returned::Never => Err(EvalError::NeverReturned(path.clone())),
            _ => Ok((place, attribute)),
        }
    }
}

fn find_in_resource(ty: &ResourceType, path: &AttrPath) -> Option<(Place, &'static Attribute)> {
    let found = ty.resolve(path)?;
    let place = Place {
        extension: found.extension.map(|schema| schema.id),
        name: found.attribute.name,
        sub: found.sub.map(|sub| sub.name),
        assumed: found.sub.and_then(|sub| assumed(found.attribute, sub)),
    };
    Some((place, found.leaf()))
}

fn find_in_element(parent: &Attribute, path: &AttrPath) -> Option<(Place, &'static Attribute)> {
    if path.schema.is_some() || path.sub.is_some() {
        return None;
    }
    let attribute = parent.sub(&path.name)?;
    let place = Place { extension: None, name: attribute.name, sub: None, assumed: assumed(parent, attribute) };
    Some((place, attribute))
}

/// RFC 7643 §2.4: where `primary` is not given, it is false.
fn assumed(parent: &Attribute, sub: &Attribute) -> Option<&'static Value> {
    static FALSE: Value = Value::Bool(false);
    let is_primary = parent.multi_valued && sub.name == "primary" && sub.ty == Type::Boolean;
    is_primary.then_some(&FALSE)
}

fn read_operand(path: &AttrPath, op: CompareOp, value: &Value, attribute: &Attribute) -> Result<Operand, EvalError> {
    let ty = attribute.ty;
    if !supports(ty, op) {
        let path = path.clone();
        return Err(EvalError::UnsupportedOperator { path, op, ty });
    }
    let operand = match (ty, value) {
        (Type::Boolean, Value::Bool(value)) => Some(Operand::Boolean(*value)),
        (Type::Decimal | Type::Integer, Value::Number(value)) => Some(Operand::Number(value.clone())),
        (Type::DateTime, Value::String(text)) => instant::parse(text).map(Operand::Instant),
        (Type::String | Type::Reference | Type::Binary, Value::String(text)) => {
            Some(text_operand(text, is_exact(attribute)))
        }
        _ => None,
    };
    operand.ok_or_else(|| EvalError::WrongLiteral { path: path.clone(), ty, found: value.to_string() })
}

/// RFC 7644 §3.4.2.2 refuses an order of booleans and binaries, and defines
/// substrings for strings only.
fn supports(ty: Type, op: CompareOp) -> bool {
    match ty {
        Type::String | Type::Reference => true,
        Type::Boolean | Type::Binary => !op.is_ordering() && !op.is_substring(),
        Type::Decimal | Type::Integer | Type::DateTime => !op.is_substring(),
        Type::Complex => false,
    }
}

/// RFC 7643 §2.3.6: binary values are case-exact. References follow their
/// schema; see [`super::Matcher`].
fn is_exact(attribute: &Attribute) -> bool {
    attribute.case_exact || attribute.ty == Type::Binary
}

fn text_operand(text: &str, exact: bool) -> Operand {
    match exact {
        true => Operand::Exact(text.to_owned()),
        false => Operand::Folded(fold(text)),
    }
}

/// Lower-cases character by character. The RFC does not say how case is
/// ignored outside ASCII; here neither context (final sigma) nor
/// normalisation plays a part, so that a prefix stays a prefix.
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}
