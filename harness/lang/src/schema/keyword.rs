//! The words that characterize an attribute (RFC 7643 §2.2, §2.3 and §7).

/// The data type of an attribute (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// A sequence of characters.
    String,
    /// `true` or `false`, never a string.
    Boolean,
    /// A number.
    Decimal,
    /// A number without fraction or exponent.
    Integer,
    /// An `xsd:dateTime`.
    DateTime,
    /// A URI.
    Reference,
    /// A set of sub-attributes.
    Complex,
    /// Base64 text.
    Binary,
}

impl Type {
    /// Returns the type as `/Schemas` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Type::String => "string",
            Type::Boolean => "boolean",
            Type::Decimal => "decimal",
            Type::Integer => "integer",
            Type::DateTime => "dateTime",
            Type::Reference => "reference",
            Type::Complex => "complex",
            Type::Binary => "binary",
        }
    }

    /// Tells whether `caseExact` means anything for the type.
    pub fn has_case(self) -> bool {
        matches!(self, Type::String | Type::Reference | Type::Binary)
    }

    /// Tells whether `uniqueness` means anything for the type. Erratum 6004
    /// takes it from complex attributes; the printed tables give none to
    /// booleans.
    pub fn has_uniqueness(self) -> bool {
        !matches!(self, Type::Complex | Type::Boolean)
    }
}

/// Who may change an attribute, and when (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutability {
    /// The service provider alone.
    ReadOnly,
    /// Anybody, any time.
    ReadWrite,
    /// Once; then it stays.
    Immutable,
    /// Anybody may write, nobody may read.
    WriteOnly,
}

impl Mutability {
    /// Returns the keyword as `/Schemas` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Mutability::ReadOnly => "readOnly",
            Mutability::ReadWrite => "readWrite",
            Mutability::Immutable => "immutable",
            Mutability::WriteOnly => "writeOnly",
        }
    }
}

/// When an attribute appears in answers (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Returned {
    /// Whatever the client asks for or excludes.
    Always,
    /// Not even when asked for.
    Never,
    /// Unless the client excludes it or asks for others.
    Default,
    /// When the client asks for it, or sent it.
    Request,
}

impl Returned {
    /// Returns the keyword as `/Schemas` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Returned::Always => "always",
            Returned::Never => "never",
            Returned::Default => "default",
            Returned::Request => "request",
        }
    }
}

/// How far a value has to be unique (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Uniqueness {
    /// Not at all.
    None,
    /// Among the resources of this endpoint.
    Server,
    /// Everywhere.
    Global,
}

impl Uniqueness {
    /// Returns the keyword as `/Schemas` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Uniqueness::None => "none",
            Uniqueness::Server => "server",
            Uniqueness::Global => "global",
        }
    }
}
