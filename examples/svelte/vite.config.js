import { svelte } from "@sveltejs/vite-plugin-svelte";

export default {
  base: "./",
  plugins: [svelte()],
  // shared/ is beside this folder.
  server: { fs: { allow: [".."] } },
};
