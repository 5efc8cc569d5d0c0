import react from "@vitejs/plugin-react";

export default {
  base: "./",
  plugins: [react()],
  // shared/ is beside this folder.
  server: { fs: { allow: [".."] } },
};
