// What every page of an app has: where the machine is, and a place to show what came of it.

export const place = JSON.parse(decodeURIComponent(location.hash.slice(1)));

export function show(promise) {
  promise.then(
    (status) => (document.title = status),
    (error) => (document.title = `${error.kind}: ${error.message}`),
  );
}
