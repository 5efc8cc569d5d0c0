// A script that is loaded as a SharedWorker, and exports nothing.

export {};
