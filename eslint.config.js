import tseslint from "typescript-eslint";

/** Console output belongs to programs that people run, never to the library. */
const programs = ["src/cli/**", "examples/**", "bench/**", "scripts/**", "test/e2e/flows/**"];

export default tseslint.config(
  { ignores: ["dist/", "coverage/", "cdk.out/", "out/", ".cloudburst/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // It holds `signal.aborted` for constant once looked at, across every await, and asks to delete the second look.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // A parameter that occurs once may carry a phantom type: handles do.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Ports are asynchronous whether or not an implementation has to wait.
      "@typescript-eslint/require-await": "off",
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "export by name" },
        { selector: "ExportAllDeclaration", message: "no barrels: list the names, in src/index.ts only" },
        {
          selector: "ImportDeclaration[source.value='zod'][importKind='value'] > ImportSpecifier[importKind='value']",
          // esbuild cannot shake the object `z`: it brings all of zod, languages included, 400 kB of the worker's file.
          message: 'write `import * as z from "zod"`',
        },
      ],
      eqeqeq: "error",
      "max-depth": ["error", 3],
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 60 }],
    },
  },
  { files: programs, rules: { "no-console": "off" } },
  {
    // Tests take objects of plain functions apart, and hold flows written as users write them.
    files: ["test/**", "bench/**"],
    rules: {
      "@typescript-eslint/unbound-method": "off",
      "max-lines-per-function": "off",
      "no-restricted-syntax": "off",
    },
  },
  { files: ["*.config.ts"], rules: { "no-restricted-syntax": "off" } },
);
