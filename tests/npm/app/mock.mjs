// What a test of somebody's imports.

export * as mock from "qmp-web/mock";
export * as qmp from "qmp-web";
