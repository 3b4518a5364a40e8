// Reads a program of Power Query, as Excel and Power BI do, and says what is wrong with it.
import { readFileSync } from "node:fs";
import PowerQuery from "@microsoft/powerquery-parser";

const { DefaultSettings, TaskUtils } = PowerQuery;
const task = await TaskUtils.tryLexParse(DefaultSettings, readFileSync(process.argv[2], "utf8"));
if (!TaskUtils.isParseStageOk(task)) {
  console.error(task.error.message);
  process.exitCode = 1;
}
