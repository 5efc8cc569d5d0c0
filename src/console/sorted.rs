//! A map in one list, in the order of its keys: for what a page shows, which is little. Of each kind of map a tree would be
//! several times the code to download.

use std::borrow::Borrow;

#[derive(Debug, Default)]
pub(super) struct Sorted<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Sorted<K, V> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|place| &self.0[place].1)
    }

    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|place| &mut self.0[place].1)
    }

    /// The value of the greatest key that is less.
    pub(super) fn before(&self, key: &K) -> Option<&V> {
        let (Ok(place) | Err(place)) = self.find(key);
        place.checked_sub(1).map(|place| &self.0[place].1)
    }

    /// Returns whether there was none of this key.
    pub(super) fn insert(&mut self, key: K, value: V) -> bool {
        match self.find(&key) {
            Ok(place) => self.0[place].1 = value,
            Err(place) => {
                self.0.insert(place, (key, value));
                return true;
            }
        }
        false
    }

    /// Returns what was there.
    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        Some(self.0.remove(self.find(key).ok()?).1)
    }

    /// The value of the key, which is made if there is none.
    pub(super) fn get_or_insert(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let place = match self.find(&key) {
            Ok(place) => place,
            Err(place) => {
                self.0.insert(place, (key, make()));
                place
            }
        };
        &mut self.0[place].1
    }

    pub(super) fn retain(&mut self, mut stays: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| stays(key, value));
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(other, _)| other.borrow().cmp(key))
    }
}

/// Puts the item into a list that is in the order of a key, behind those that have the same.
pub(super) fn insert_by_key<T, K: Ord>(list: &mut Vec<T>, item: T, key: impl Fn(&T) -> K) {
    let place = list.partition_point(|other| key(other) <= key(&item));
    list.insert(place, item);
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_does_what_a_tree_does(steps: Vec<(u8, u8, bool)>) {
            let mut sorted = Sorted::new();
            let mut tree = BTreeMap::new();
            for (key, value, inserts) in steps {
                let key = key % 16;
                if inserts {
                    prop_assert_eq!(sorted.insert(key, value), tree.insert(key, value).is_none());
                } else {
                    prop_assert_eq!(sorted.remove(&key), tree.remove(&key));
                }
                *sorted.get_or_insert(15, || 0) = value;
                tree.insert(15, value);
                prop_assert!(sorted.iter().eq(tree.iter()));
                prop_assert_eq!(sorted.get(&key), tree.get(&key));
                prop_assert_eq!(sorted.has(&key), tree.contains_key(&key));
                let before = tree.range(..key).next_back().map(|(_, value)| value);
                prop_assert_eq!(sorted.before(&key), before);
            }
        }

        #[test]
        fn one_by_one_is_a_stable_sort(items: Vec<(u8, u8)>) {
            let mut list = Vec::new();
            for item in &items {
                insert_by_key(&mut list, *item, |(key, _)| *key);
            }
            let mut sorted = items;
            sorted.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(list, sorted);
        }
    }
}
