import type * as docxModule from 'docx';
import type { IParagraphOptions, IRunOptions, Paragraph } from 'docx';
import type { Token, Tokens } from 'marked';
import type { BoundBook } from './bound-book.js';
import { needed } from './needed.js';
import { printable } from './printable.js';

const PACKAGES = { packages: 'docx@9.15.2 marked@18', for: 'A Word file' };

type Docx = typeof docxModule;

/** @throws GenerationError if they are not installed */
export const docxPackages = () =>
  needed(async () => {
    const [docx, { lexer }] = await Promise.all([import('docx'), import('marked')]);
    return { docx, lexer };
  }, PACKAGES);

/** The book as a Word file: a title page, a table of contents, and each section on a new page. */
export async function docxOf({ title, sections }: BoundBook): Promise<Uint8Array> {
  const { docx, lexer } = await docxPackages();
  const { Document, HeadingLevel, Packer, Paragraph: Block, TableOfContents } = docx;
  const children = [
    new Block({ text: title, heading: HeadingLevel.TITLE, spacing: { after: 480 } }),
    new TableOfContents(undefined, { hyperlink: true, headingStyleRange: '1-1' }),
    ...sections.flatMap(({ text }) => new Writer(docx).section(lexer(printable(text)))),
  ];
  const document = new Document({ title, features: { updateFields: true }, sections: [{ children }] });
  return Packer.toBuffer(document);
}

/** Turns Markdown into the paragraphs of a Word file. */
class Writer {
  private isFirst = true;

  constructor(private readonly docx: Docx) {}

  section(tokens: readonly Token[]): readonly Paragraph[] {
    return tokens.flatMap((token) => this.block(token, {}));
  }

  private block(token: Token, style: IParagraphOptions, mark = ''): readonly Paragraph[] {
    switch (token.type) {
      case 'space':
      case 'hr':
      case 'def':
        return [];
      case 'heading':
        return [this.heading(token as Tokens.Heading)];
      case 'blockquote':
        return (token as Tokens.Blockquote).tokens.flatMap((inner) =>
          this.block(inner, { indent: { left: 567, right: 567 } }),
        );
      case 'list':
        return (token as Tokens.List).items.flatMap((item, index) => this.item(item, token as Tokens.List, index));
      case 'table':
        return this.rows(token as Tokens.Table);
      default:
        return [this.paragraph(token, style, mark)];
    }
  }

  private heading({ depth, tokens, text }: Tokens.Heading): Paragraph {
    const { HEADING_1, HEADING_2, HEADING_3 } = this.docx.HeadingLevel;
    const heading = depth === 1 ? HEADING_1 : depth === 2 ? HEADING_2 : HEADING_3;
    const pageBreakBefore = this.isFirst;
    this.isFirst = false;
    return new this.docx.Paragraph({
      heading,
      pageBreakBefore,
      spacing: { before: 240, after: 240 },
      children: this.runs(tokens, { text }, {}),
    });
  }

  private item({ tokens }: Tokens.ListItem, { ordered, start }: Tokens.List, index: number): readonly Paragraph[] {
    const style = ordered ? { indent: { left: 567, hanging: 340 } } : { bullet: { level: 0 } };
    const number = ordered ? `${Number(start) + index}. ` : '';
    return tokens.flatMap((inner, at) => this.block(inner, at === 0 ? style : {}, at === 0 ? number : ''));
  }

  private rows({ header, rows }: Tokens.Table): readonly Paragraph[] {
    return [header, ...rows].map((cells) => new this.docx.Paragraph(cells.map(({ text }) => text).join(' — ')));
  }

  private paragraph(token: Token, style: IParagraphOptions, mark: string): Paragraph {
    const { tokens, text } = token as Tokens.Paragraph;
    return new this.docx.Paragraph({
      ...style,
      spacing: { after: 160 },
      children: [...this.marks(mark), ...this.runs(tokens, { text }, {})],
    });
  }

  private marks(mark: string): readonly InstanceType<Docx['TextRun']>[] {
    return mark === '' ? [] : [new this.docx.TextRun({ text: mark })];
  }

  private runs(
    tokens: readonly Token[] | undefined,
    whole: { readonly text: string },
    style: IRunOptions,
  ): InstanceType<Docx['TextRun']>[] {
    if (tokens === undefined || tokens.length === 0) return [new this.docx.TextRun({ ...style, text: whole.text })];
    return tokens.flatMap((token) => {
      const { tokens: inner, text } = token as Tokens.Text;
      if (token.type === 'br') return [new this.docx.TextRun({ break: 1 })];
      const look = token.type === 'strong' ? { bold: true } : token.type === 'em' ? { italics: true } : {};
      const runs = this.runs(inner, { text }, { ...style, ...look });
      const { href } = token as Partial<Tokens.Link>;
      return token.type === 'link' && href !== undefined && href !== text
        ? [...runs, ...this.marks(` (${href})`)]
        : runs;
    });
  }
}
