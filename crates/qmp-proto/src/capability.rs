//! The capabilities that a client and a server agree on. Which were offered in which words is the greeting's business.

use core::fmt;

/// Something that a server offers in its greeting and a client may enable (specification, "Capabilities").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability {
    /// Replies may come in any order, every command carries an id (the async text, 2.2.1).
    Async,
    /// `exec-oob` is understood: commands that overtake the others (specification, "Out-of-band execution").
    Oob,
}

impl Capability {
    /// Every capability that this crate knows, in the order in which they are named on the wire.
    pub const ALL: [Self; 2] = [Self::Async, Self::Oob];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Oob => "oob",
        }
    }

    /// The capability of this name, if it is one that we know.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.name() == name)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Async => 1,
            Self::Oob => 2,
        }
    }
}

/// A set of capabilities.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct CapabilitySet(u8);

impl CapabilitySet {
    /// No capability.
    pub const NONE: Self = Self(0);

    /// Every capability that this crate knows.
    pub const ALL: Self = Self(Capability::Async.bit() | Capability::Oob.bit());

    /// Those in both sets.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// This set with one more.
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | capability.bit())
    }

    /// This set with one less.
    pub const fn without(self, capability: Capability) -> Self {
        Self(self.0 & !capability.bit())
    }

    /// Whether the capability is in the set.
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The capabilities of the set, in the order of [`Capability::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL
            .into_iter()
            .filter(move |capability| self.contains(*capability))
    }

    /// The names on the wire, in the order of [`Capability::ALL`].
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(Capability::name)
    }
}

impl FromIterator<Capability> for CapabilitySet {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        capabilities.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for CapabilitySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
