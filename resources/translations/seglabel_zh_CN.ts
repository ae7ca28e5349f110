<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AdjustingDialog</name>
    <message>
        <source>Brightness and contrast</source>
        <translation>亮度和对比度</translation>
    </message>
    <message>
        <source>Only how it is shown here; the picture stays as it is.</source>
        <translation>仅影响此处的显示；图像保持不变。</translation>
    </message>
    <message>
        <source>&amp;Brightness</source>
        <translation>亮度(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Contrast</source>
        <translation>对比度(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Gamma</source>
        <translation>伽马(&amp;G)</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Close this message</source>
        <translation>关闭此消息</translation>
    </message>
</context>
<context>
    <name>CanvasBinding</name>
    <message>
        <source>There is no category yet to paint with.</source>
        <translation>还没有可用于绘制的类别。</translation>
    </message>
    <message>
        <source>Nothing changed: what is here is locked (the padlock in Categories).</source>
        <translation>没有变化：此处的像素已锁定（类别列表中的锁形图标）。</translation>
    </message>
    <message>
        <source>Nothing changed: “Over” above the picture leaves these pixels alone.</source>
        <translation>没有变化：图像上方的“覆盖”设置不允许改动这些像素。</translation>
    </message>
    <message>
        <source>What you drew was not finished, and is gone. Enter finishes.</source>
        <translation>所画内容尚未完成，已放弃。按 Enter 完成。</translation>
    </message>
    <message>
        <source>Add a category</source>
        <translation>添加类别</translation>
    </message>
    <message>
        <source>This image has no labels. Enter again marks it reviewed as background.</source>
        <translation>此图像没有标注。再按一次 Enter 会把整幅图像作为背景标记为已审核。</translation>
    </message>
    <message>
        <source>There is no category yet, so nothing can be reviewed.</source>
        <translation>还没有类别，因此无法审核任何图像。</translation>
    </message>
</context>
<context>
    <name>CategoryBinding</name>
    <message>
        <source>A file with one category a line</source>
        <translation>每行一个类别的文件</translation>
    </message>
    <message>
        <source>Deleted {0}; the labels of {1} images changed.</source>
        <translation>已删除 {0}；{1} 幅图像的标注有改动。</translation>
    </message>
    <message>
        <source>{0} stays: labels of {1} images cannot be read. The first: {2}</source>
        <translation>{0} 已保留：{1} 幅图像的标注无法读取。第一个：{2}</translation>
    </message>
</context>
<context>
    <name>CategoryPanel</name>
    <message>
        <source>Add a category…</source>
        <translation>添加类别…</translation>
    </message>
    <message>
        <source>Name of a new category</source>
        <translation>新类别的名称</translation>
    </message>
    <message>
        <source>Categories</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>What do you want to tell apart? Type a name below and press Enter, once for each category. The keys 1–9 choose them while you paint.</source>
        <translation>您想区分哪些对象？在下方输入名称并按回车，每个类别一次。绘制时可用数字键 1–9 选择类别。</translation>
    </message>
    <message>
        <source>Use a ready-made list…</source>
        <translation>使用现成列表…</translation>
    </message>
    <message>
        <source>Current category</source>
        <translation>当前类别</translation>
    </message>
    <message>
        <source>Ready-made list</source>
        <translation>现成的类别列表</translation>
    </message>
    <message>
        <source>From a file…</source>
        <translation>从文件…</translation>
    </message>
    <message>
        <source>Colour of {0}</source>
        <translation>{0} 的颜色</translation>
    </message>
    <message>
        <source>Means: not labelled (learn nothing from it)</source>
        <translation>表示“未标注”（不参与学习）</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Colour…</source>
        <translation>颜色…</translation>
    </message>
    <message>
        <source>Thing: each connected region is one object</source>
        <translation>可数对象：每个连通区域为一个对象</translation>
    </message>
    <message>
        <source>Accept what is proposed of it</source>
        <translation>接受该类别的预标注</translation>
    </message>
    <message>
        <source>Reject what is proposed of it</source>
        <translation>拒绝该类别的预标注</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>删除…</translation>
    </message>
</context>
<context>
    <name>Checking</name>
    <message>
        <source>Checking the project</source>
        <translation>正在检查项目</translation>
    </message>
    <message>
        <source>Check of the project</source>
        <translation>项目检查</translation>
    </message>
    <message>
        <source>Mend {0} of them</source>
        <translation>修复其中 {0} 项</translation>
    </message>
    <message>
        <source>{0} images, {1} with labels.</source>
        <translation>{0} 张图片，其中 {1} 张有标注。</translation>
    </message>
    <message>
        <source>Mended: {0}.</source>
        <translation>已修复：{0} 项。</translation>
    </message>
    <message>
        <source>Nothing is wrong.</source>
        <translation>没有问题。</translation>
    </message>
    <message>
        <source>Things that are wrong: {0}.</source>
        <translation>发现问题：{0} 项。</translation>
    </message>
    <message>
        <source>Mending the project</source>
        <translation>正在修复项目</translation>
    </message>
    <message>
        <source>Labels cannot be changed while the project is mended.</source>
        <translation>修复项目期间不能更改标注。</translation>
    </message>
    <message>
        <source>Mended: {0} ({1})</source>
        <translation>已修复：{0}（{1}）</translation>
    </message>
    <message>
        <source>Not mended: {0}</source>
        <translation>未能修复：{0}</translation>
    </message>
</context>
<context>
    <name>ComparisonBinding</name>
    <message>
        <source>No model has proposed labels for this image yet.</source>
        <translation>还没有模型为此图像提出预标注。</translation>
    </message>
</context>
<context>
    <name>ComparisonWindow</name>
    <message>
        <source>{0} compared with {1}</source>
        <translation>{0} 与 {1} 的比较</translation>
    </message>
    <message>
        <source>Categories</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>What is taken for what</source>
        <translation>混淆情况</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Save as a page…</source>
        <translation>另存为网页…</translation>
    </message>
    <message>
        <source>mIoU {0:.3f} by {1}, {2:.3f} by {3}: {4:+.3f}</source>
        <translation>mIoU：{1} 为 {0:.3f}，{3} 为 {2:.3f}，相差 {4:+.3f}</translation>
    </message>
    <message>
        <source>On {0} images held back from training: none of them taught the models.</source>
        <translation>依据 {0} 张保留图像：两个模型都没有用它们训练。</translation>
    </message>
    <message>
        <source>On {0} reviewed images, because none was held back.</source>
        <translation>依据 {0} 张已审核的图像，因为没有保留图像。</translation>
    </message>
    <message>
        <source>{0} was trained on {1} of these, and knows them better than new images.</source>
        <translation>{0} 用其中 {1} 张训练过，因此对它们比对新图像更熟悉。</translation>
    </message>
    <message>
        <source>{0} images could not be judged. The first: {1}</source>
        <translation>有 {0} 张图像无法评估。第一张：{1}</translation>
    </message>
    <message>
        <source>Category</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>IoU of each category</source>
        <translation>每个类别的 IoU</translation>
    </message>
    <message>
        <source>Rows are true categories, columns what was proposed, in % of the row&apos;s pixels.</source>
        <translation>行是真实类别，列是预测类别，数字为占该行像素的百分比。</translation>
    </message>
    <message>
        <source>Order of the images</source>
        <translation>图像的顺序</translation>
    </message>
    <message>
        <source>Worst first</source>
        <translation>最差的在前</translation>
    </message>
    <message>
        <source>Most changed first</source>
        <translation>变化最大的在前</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>mIoU of each image</source>
        <translation>每张图像的 mIoU</translation>
    </message>
    <message>
        <source>Double-click opens an image in the main window</source>
        <translation>双击可在主窗口中打开图像</translation>
    </message>
    <message>
        <source>both right</source>
        <translation>都对</translation>
    </message>
    <message>
        <source>only {0} right</source>
        <translation>只有 {0} 对</translation>
    </message>
    <message>
        <source>both wrong</source>
        <translation>都错</translation>
    </message>
    <message>
        <source>not judged</source>
        <translation>不评估</translation>
    </message>
    <message>
        <source>Truth</source>
        <translation>真值</translation>
    </message>
    <message>
        <source>Folder for the page</source>
        <translation>保存网页的文件夹</translation>
    </message>
    <message>
        <source>Saved as {0}.</source>
        <translation>已保存为 {0}。</translation>
    </message>
</context>
<context>
    <name>ConfusionView</name>
    <message>
        <source>{0}: {1} % of its pixels are right</source>
        <translation>{0}：{1} % 的像素正确</translation>
    </message>
    <message>
        <source>{0}: {1} % of its pixels are taken for {2}</source>
        <translation>{0}：{1} % 的像素被当作{2}</translation>
    </message>
</context>
<context>
    <name>Copying</name>
    <message>
        <source>Point at the place of the region in the previous image.</source>
        <translation>请先指向上一幅图像中该区域所在的位置。</translation>
    </message>
    <message>
        <source>There is no image before this one.</source>
        <translation>此图像之前没有图像。</translation>
    </message>
    <message>
        <source>{0} has no labels to copy.</source>
        <translation>{0} 没有可复制的标注。</translation>
    </message>
    <message>
        <source>{0} has another size, so nothing was copied.</source>
        <translation>{0} 的尺寸不同，未复制任何内容。</translation>
    </message>
    <message>
        <source>{0} has no region at this place.</source>
        <translation>{0} 在此处没有区域。</translation>
    </message>
</context>
<context>
    <name>DeleteCategoryDialog</name>
    <message>
        <source>Delete {0}</source>
        <translation>删除 {0}</translation>
    </message>
    <message>
        <source>The category goes from the list, and its pixels become another one&apos;s in all images. This cannot be undone.</source>
        <translation>该类别将从列表中移除，它在所有图像中的像素会归入另一类别。此操作无法撤销。</translation>
    </message>
    <message>
        <source>{0} pixels in {1} images have it.</source>
        <translation>共有 {1} 幅图像的 {0} 个像素属于该类别。</translation>
    </message>
    <message>
        <source>No image has it.</source>
        <translation>没有图像含有该类别。</translation>
    </message>
    <message>
        <source>void (left out of training)</source>
        <translation>void（不参与训练）</translation>
    </message>
    <message>
        <source>Its pixels become</source>
        <translation>其像素变为</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
</context>
<context>
    <name>Deleting</name>
    <message>
        <source>Counting {0}</source>
        <translation>正在统计 {0}</translation>
    </message>
    <message>
        <source>Deleting {0}</source>
        <translation>正在删除 {0}</translation>
    </message>
    <message>
        <source>Labels cannot be changed while a category is deleted.</source>
        <translation>删除类别期间不能更改标注。</translation>
    </message>
</context>
<context>
    <name>Demo</name>
    <message>
        <source>Where shall the folder “{0}” go?</source>
        <translation>文件夹“{0}”放在哪里？</translation>
    </message>
    <message>
        <source>Making sample images</source>
        <translation>正在生成示例图像</translation>
    </message>
    <message>
        <source>The program ended with code {0}.</source>
        <translation>程序以代码 {0} 结束。</translation>
    </message>
</context>
<context>
    <name>DemoBinding</name>
    <message>
        <source>The sample images were not made</source>
        <translation>没有生成示例图像</translation>
    </message>
</context>
<context>
    <name>ExchangeBinding</name>
    <message>
        <source>Exported {0} images with {1} objects to {2}; read back and found equal.</source>
        <translation>已将 {0} 幅图像（{1} 个对象）导出到 {2}；回读核对一致。</translation>
    </message>
    <message>
        <source>{0} images were left out.</source>
        <translation>有 {0} 张图像未导出。</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Imported labels of {0} images.</source>
        <translation>已导入 {0} 张图像的标注。</translation>
    </message>
    <message>
        <source>{0} had these labels already.</source>
        <translation>{0} 张图像已有相同的标注。</translation>
    </message>
    <message>
        <source>{0} images have labels already and were left as they are. “Replace labels that images have already” in the import dialog takes the new ones.</source>
        <translation>{0} 幅图像已有标注，保持不变。在导入对话框中勾选“替换图像已有的标注”可采用新的标注。</translation>
    </message>
    <message>
        <source>Notes: {0}.</source>
        <translation>说明：{0} 条。</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>详细信息…</translation>
    </message>
</context>
<context>
    <name>Exchanging</name>
    <message>
        <source>Exporting</source>
        <translation>正在导出</translation>
    </message>
    <message>
        <source>Labels cannot be changed while others are imported.</source>
        <translation>导入期间不能修改标注。</translation>
    </message>
    <message>
        <source>Importing</source>
        <translation>正在导入</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>all images ({0})</source>
        <translation>全部图像（{0}）</translation>
    </message>
    <message>
        <source>images that a person touched ({0})</source>
        <translation>人工修改过的图像（{0}）</translation>
    </message>
    <message>
        <source>reviewed images only ({0})</source>
        <translation>仅已审核的图像（{0}）</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>浏览…</translation>
    </message>
    <message>
        <source>Hold back for validation</source>
        <translation>留作验证集</translation>
    </message>
    <message>
        <source>Share held back for validation</source>
        <translation>留作验证的比例</translation>
    </message>
    <message>
        <source>run lengths (every reader, exact)</source>
        <translation>行程编码（通用、精确）</translation>
    </message>
    <message>
        <source>compressed run lengths (small, exact)</source>
        <translation>压缩行程编码（体积小、精确）</translation>
    </message>
    <message>
        <source>polygons along pixel edges</source>
        <translation>沿像素边缘的多边形</translation>
    </message>
    <message>
        <source> px</source>
        <translation> 像素</translation>
    </message>
    <message>
        <source>Write turned pictures upright, so that all readers agree</source>
        <translation>将旋转的图片转正后写出，使所有软件读取一致</translation>
    </message>
    <message>
        <source>Replace an earlier export</source>
        <translation>替换先前的导出</translation>
    </message>
    <message>
        <source>This exists. Choose another name or replace an earlier export.</source>
        <translation>已存在。请换一个名称，或选择替换先前的导出。</translation>
    </message>
    <message>
        <source>{0} of them are as the model proposed them: nobody looked at them.</source>
        <translation>其中 {0} 幅仅为模型的建议，无人检查过。</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Into the folder</source>
        <translation>导出到文件夹</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>划分</translation>
    </message>
    <message>
        <source>Shapes</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Void border</source>
        <translation>忽略边界宽度</translation>
    </message>
    <message>
        <source>A folder to put the export into</source>
        <translation>选择存放导出结果的文件夹</translation>
    </message>
    <message>
        <source>Choose a folder to export into.</source>
        <translation>请选择导出文件夹。</translation>
    </message>
    <message>
        <source>No image has this status yet.</source>
        <translation>还没有处于该状态的图像。</translation>
    </message>
</context>
<context>
    <name>FindingBinding</name>
    <message>
        <source>Find an action, a category or an image</source>
        <translation>查找操作、类别或图像</translation>
    </message>
    <message>
        <source>Which category?</source>
        <translation>哪个类别？</translation>
    </message>
    <message>
        <source>Category</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>New category “{0}”</source>
        <translation>新建类别“{0}”</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
</context>
<context>
    <name>GrowthChart</name>
    <message>
        <source>Pixels that the model had right</source>
        <translation>模型预测正确的像素</translation>
    </message>
    <message>
        <source>Refine + {0}</source>
        <translation>细化 + {0}</translation>
    </message>
    <message>
        <source>Refine</source>
        <translation>细化</translation>
    </message>
    <message>
        <source>No image with a proposal was reviewed yet.</source>
        <translation>尚未审核任何预标注过的图像。</translation>
    </message>
</context>
<context>
    <name>HeatLegend</name>
    <message>
        <source>sure</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>Uncertainty, from sure to unsure</source>
        <translation>不确定度，从确定到不确定</translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>History</source>
        <translation>历史记录</translation>
    </message>
    <message>
        <source>Every step can be gone to</source>
        <translation>可以跳到任意一步</translation>
    </message>
    <message>
        <source>What you do to this image is listed here. Click a step to go back to it.</source>
        <translation>您对这张图像所做的操作都列在这里。点击某一步即可回到那一步。</translation>
    </message>
</context>
<context>
    <name>ImagePanel</name>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Which images are listed and gone through, by status</source>
        <translation>按状态筛选要列出和浏览的图像</translation>
    </message>
    <message>
        <source>All images</source>
        <translation>所有图像</translation>
    </message>
    <message>
        <source>No images here. Open another folder, or put pictures into this one and open it again.</source>
        <translation>这里没有图像。请打开其他文件夹，或将图片放入此文件夹后重新打开。</translation>
    </message>
    <message>
        <source>No other image is {0}. The filter at the left brings all back.</source>
        <translation>没有其他状态为“{0}”的图像。用左侧的筛选按钮可恢复显示全部。</translation>
    </message>
</context>
<context>
    <name>ImportDialog</name>
    <message>
        <source>Import labels</source>
        <translation>导入标注</translation>
    </message>
    <message>
        <source>optional: one name, or id,name,#rrggbb a line</source>
        <translation>可选：每行一个名称，或 id,名称,#rrggbb</translation>
    </message>
    <message>
        <source>Copy pictures that this folder lacks</source>
        <translation>复制此文件夹中缺少的图片</translation>
    </message>
    <message>
        <source>Replace labels that images have already</source>
        <translation>替换图像已有的标注</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>From the folder</source>
        <translation>来源文件夹</translation>
    </message>
    <message>
        <source>Names of the ids</source>
        <translation>编号对应的名称</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>浏览…</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>There is no such folder or file.</source>
        <translation>没有这样的文件夹或文件。</translation>
    </message>
    <message>
        <source>The file with the names of the ids does not exist.</source>
        <translation>编号名称文件不存在。</translation>
    </message>
</context>
<context>
    <name>JobBar</name>
    <message>
        <source>Stop; what is done stays done</source>
        <translation>停止；已完成的结果会保留</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>images</source>
        <translation>张</translation>
    </message>
    <message>
        <source>{0} {1} of {2}</source>
        <translation>{0} {1} / {2}</translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation>剩余 {0}</translation>
    </message>
    <message>
        <source>{0}: stopping …</source>
        <translation>{0}：正在停止 …</translation>
    </message>
</context>
<context>
    <name>JobBinding</name>
    <message>
        <source>Proposing</source>
        <translation>正在预标注</translation>
    </message>
    <message>
        <source>Proposing anew</source>
        <translation>正在重新预标注</translation>
    </message>
    <message>
        <source>This project is only looked at.</source>
        <translation>此项目仅供查看。</translation>
    </message>
    <message>
        <source>{0} is under way. Wait for its end or stop it first.</source>
        <translation>正在进行：{0}。请等待其结束，或先停止它。</translation>
    </message>
    <message>
        <source>Stop it</source>
        <translation>停止</translation>
    </message>
</context>
<context>
    <name>JournalKeeper</name>
    <message>
        <source>{0} does not answer.</source>
        <translation>{0} 没有响应。</translation>
    </message>
</context>
<context>
    <name>KeysDialog</name>
    <message>
        <source>background, category 1–9</source>
        <translation>背景、类别 1–9</translation>
    </message>
    <message>
        <source>wheel</source>
        <translation>滚轮</translation>
    </message>
    <message>
        <source>zoom at the pointer</source>
        <translation>以指针为中心缩放</translation>
    </message>
    <message>
        <source>Ctrl + wheel</source>
        <translation>Ctrl + 滚轮</translation>
    </message>
    <message>
        <source>brush size</source>
        <translation>画笔大小</translation>
    </message>
    <message>
        <source>Space, middle button</source>
        <translation>空格键、中键</translation>
    </message>
    <message>
        <source>pan</source>
        <translation>平移</translation>
    </message>
    <message>
        <source>right button, hold Alt</source>
        <translation>鼠标右键，按住 Alt</translation>
    </message>
    <message>
        <source>eraser for the moment</source>
        <translation>临时橡皮擦</translation>
    </message>
    <message>
        <source>hold V</source>
        <translation>按住 V</translation>
    </message>
    <message>
        <source>the photograph alone</source>
        <translation>只看照片</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>give up the stroke</source>
        <translation>放弃当前笔画</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>On the picture</source>
        <translation>在图像上</translation>
    </message>
    <message>
        <source>Change keys…</source>
        <translation>更改按键…</translation>
    </message>
</context>
<context>
    <name>LearnDialog</name>
    <message>
        <source>Learn</source>
        <translation>学习</translation>
    </message>
    <message>
        <source> min</source>
        <translation> 分钟</translation>
    </message>
    <message>
        <source>the current model, {0}</source>
        <translation>当前模型 {0}</translation>
    </message>
    <message>
        <source>a network that knows ImageNet</source>
        <translation>在 ImageNet 上预训练的网络</translation>
    </message>
    <message>
        <source>&amp;Time</source>
        <translation>时间(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Begin with</source>
        <translation>起点(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Go on with the training that broke off at {0}&#xa0;%</source>
        <translation>继续在 {0}&#xa0;% 处中断的训练(&amp;G)</translation>
    </message>
    <message>
        <source>The project has no categories yet. Add some, and paint them.</source>
        <translation>项目还没有类别。请先添加类别并绘制。</translation>
    </message>
    <message>
        <source>No image is corrected or reviewed yet. Paint the categories in a few images, and press “Reviewed, next” where all of an image is right.</source>
        <translation>还没有修正或审核过的图像。请在几张图像中绘制类别；整张图像无误时按“已审核，下一张”。</translation>
    </message>
    <message>
        <source>Images to learn from: {0} reviewed, with every pixel, and {1} corrected, with what you painted.</source>
        <translation>可供学习的图像：{0} 张已审核（使用全部像素），{1} 张已修正（使用您绘制的部分）。</translation>
    </message>
    <message>
        <source>From five images on it is worth the time.</source>
        <translation>有五张以上图像时才值得花时间学习。</translation>
    </message>
    <message>
        <source>{0} of the reviewed images are held back: the new model is used only if it is better on them.</source>
        <translation>保留 {0} 张已审核的图像用于验证：只有新模型在这些图像上更好时才会采用。</translation>
    </message>
    <message>
        <source>From ten reviewed images on some are held back to tell whether the new model is better.</source>
        <translation>有十张以上已审核的图像时，会保留一部分来判断新模型是否更好。</translation>
    </message>
    <message>
        <source>You can go on working meanwhile, and stop it at any time.</source>
        <translation>学习期间您可以继续工作，也可以随时停止。</translation>
    </message>
</context>
<context>
    <name>Learning</name>
    <message>
        <source>Not started, because your work could not be saved.</source>
        <translation>未开始，因为您的工作无法保存。</translation>
    </message>
    <message>
        <source>Learning</source>
        <translation>正在学习</translation>
    </message>
    <message>
        <source>{0} is no longer there.</source>
        <translation>{0} 已不存在。</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Stopped before anything was learned.</source>
        <translation>在学到任何内容之前已停止。</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>The training could not be started: {0}</source>
        <translation>无法启动训练：{0}</translation>
    </message>
    <message>
        <source>The training was ended from outside (signal {0}), perhaps because memory ran out.</source>
        <translation>训练被外部终止（信号 {0}），可能是内存不足。</translation>
    </message>
    <message>
        <source>The training broke off with code {0}. {1}</source>
        <translation>训练中断，代码 {0}。{1}</translation>
    </message>
</context>
<context>
    <name>LearningBinding</name>
    <message>
        <source>{0} is used now, learned from {1} images.</source>
        <translation>现在使用 {0}，它从 {1} 张图像学习而来。</translation>
    </message>
    <message>
        <source>Stopped; the best until then is kept.</source>
        <translation>已停止；保留到目前为止的最佳模型。</translation>
    </message>
    <message>
        <source>mIoU on {0} held-back images: {1:.3f}, before {2:.3f}.</source>
        <translation>在 {0} 张保留图像上的 mIoU：{1:.3f}，之前为 {2:.3f}。</translation>
    </message>
    <message>
        <source>mIoU on {0} held-back images: {1:.3f}.</source>
        <translation>在 {0} 张保留图像上的 mIoU：{1:.3f}。</translation>
    </message>
    <message>
        <source>{0} images could not be read. The first: {1}</source>
        <translation>{0} 张图像无法读取。第一张：{1}</translation>
    </message>
    <message>
        <source>What nobody touched is proposed anew meanwhile.</source>
        <translation>未经人工处理的图像正在后台重新预标注。</translation>
    </message>
    <message>
        <source>Too few images are reviewed to tell whether it is better.</source>
        <translation>已审核的图像太少，无法判断它是否更好。</translation>
    </message>
    <message>
        <source>Back to {0}</source>
        <translation>恢复使用 {0}</translation>
    </message>
    <message>
        <source>{0} was learned. Which model is to be used?</source>
        <translation>已学得 {0}。要使用哪个模型？</translation>
    </message>
    <message>
        <source>{0} is not better than {1}: mIoU {2:.3f} against {3:.3f} on {4} held-back images. Which one is to be used?</source>
        <translation>{0} 并不比 {1} 更好：在 {4} 张保留图像上 mIoU 为 {2:.3f}，后者为 {3:.3f}。要使用哪一个？</translation>
    </message>
    <message>
        <source>Keep {0}</source>
        <translation>保留 {0}</translation>
    </message>
    <message>
        <source>Use {0}</source>
        <translation>使用 {0}</translation>
    </message>
    <message>
        <source>Go on learning</source>
        <translation>继续学习</translation>
    </message>
    <message>
        <source>Nothing was learned; the model is as it was.</source>
        <translation>没有学到任何内容；模型保持不变。</translation>
    </message>
    <message>
        <source>The best until then is kept as {0}.</source>
        <translation>到目前为止的最佳模型保存为 {0}。</translation>
    </message>
</context>
<context>
    <name>LearningChart</name>
    <message>
        <source>Loss and validation mIoU</source>
        <translation>损失与验证 mIoU</translation>
    </message>
    <message>
        <source>Nothing was learned yet.</source>
        <translation>尚未学习。</translation>
    </message>
    <message>
        <source>{0}&#xa0;% done</source>
        <translation>已完成 {0}&#xa0;%</translation>
    </message>
    <message>
        <source>loss {0:.2f}</source>
        <translation>损失 {0:.2f}</translation>
    </message>
    <message>
        <source>validation mIoU {0:.3f}</source>
        <translation>验证 mIoU {0:.3f}</translation>
    </message>
    <message>
        <source>best {0:.3f}</source>
        <translation>最佳 {0:.3f}</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Validation mIoU</source>
        <translation>验证 mIoU</translation>
    </message>
</context>
<context>
    <name>LearningPanel</name>
    <message>
        <source>Category</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>IoU</source>
        <translation>IoU</translation>
    </message>
    <message>
        <source>IoU of each category on the held-back images</source>
        <translation>各类别在保留图像上的 IoU</translation>
    </message>
    <message>
        <source>While the model learns from your corrections, its loss and how good it is on held-back images are shown here.</source>
        <translation>模型从您的修正中学习时，这里会显示损失以及它在保留图像上的表现。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Categories</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>History</source>
        <translation>历史记录</translation>
    </message>
    <message>
        <source>Learning</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Canvas</source>
        <translation>画布</translation>
    </message>
    <message>
        <source>Photograph</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>How strongly the overlay covers the picture</source>
        <translation>叠加层覆盖图片的强度</translation>
    </message>
    <message>
        <source>Opacity of the overlay</source>
        <translation>叠加层不透明度</translation>
    </message>
    <message>
        <source>Main tool bar</source>
        <translation>主工具栏</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>F11 or Esc brings the window back.</source>
        <translation>按 F11 或 Esc 恢复窗口。</translation>
    </message>
</context>
<context>
    <name>MappingDialog</name>
    <message>
        <source>Categories of the model</source>
        <translation>模型的类别</translation>
    </message>
    <message>
        <source>What {0} finds becomes a category of this project. Names of the same thing were matched; choose where that is wrong or where nothing was found.</source>
        <translation>{0} 识别的内容会成为本项目的类别。同义名称已自动匹配；如有错误或未匹配之处，请自行选择。</translation>
    </message>
    <message>
        <source>nothing of this name in the project</source>
        <translation>项目中没有此名称</translation>
    </message>
    <message>
        <source>Add missing categories</source>
        <translation>添加缺少的类别</translation>
    </message>
    <message>
        <source>Each becomes a category of the project, in its own colour</source>
        <translation>每一个都会成为项目中的类别，并保留其颜色</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>{0} (nothing)</source>
        <translation>{0}（无）</translation>
    </message>
    <message>
        <source>void (left out of training)</source>
        <translation>void（不参与训练）</translation>
    </message>
    <message>
        <source>{0} (new)</source>
        <translation>{0}（新）</translation>
    </message>
</context>
<context>
    <name>ModelBinding</name>
    <message>
        <source>There was not enough memory, or the device was lost. It goes on: {0}</source>
        <translation>内存不足或设备已丢失。继续运行于：{0}</translation>
    </message>
    <message>
        <source>looking for a GPU …</source>
        <translation>正在查找 GPU …</translation>
    </message>
    <message>
        <source>Loading {0} …</source>
        <translation>正在加载 {0} …</translation>
    </message>
    <message>
        <source>Loading {0} … You can go on labelling.</source>
        <translation>正在加载 {0} …… 您可以继续标注。</translation>
    </message>
    <message>
        <source>Match them…</source>
        <translation>匹配…</translation>
    </message>
    <message>
        <source>Downloaded; it is the file that its authors published (SHA-256).</source>
        <translation>已下载，与作者发布的文件一致（SHA-256）。</translation>
    </message>
    <message>
        <source>Downloaded. Its authors publish no digest to check it by.</source>
        <translation>已下载。作者未发布可供校验的摘要。</translation>
    </message>
</context>
<context>
    <name>ModelChoosing</name>
    <message>
        <source>A DeepLabv3+ checkpoint</source>
        <translation>DeepLabv3+ 检查点</translation>
    </message>
    <message>
        <source>Checkpoints (*.safetensors *.pth *.pt *.tar *.ckpt *.bin *.pkl *.net);;All files (*)</source>
        <translation>检查点 (*.safetensors *.pth *.pt *.tar *.ckpt *.bin *.pkl *.net);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Downloading {0}</source>
        <translation>正在下载 {0}</translation>
    </message>
    <message>
        <source>Reading {0}</source>
        <translation>正在读取 {0}</translation>
    </message>
    <message>
        <source>Correcting {0}</source>
        <translation>正在更正 {0}</translation>
    </message>
</context>
<context>
    <name>ModelFactsDialog</name>
    <message>
        <source>About the model {0}</source>
        <translation>关于模型 {0}</translation>
    </message>
    <message>
        <source>as it is</source>
        <translation>保持不变</translation>
    </message>
    <message>
        <source>a file with one name a line</source>
        <translation>每行一个名称的文件</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>浏览…</translation>
    </message>
    <message>
        <source>Output stride</source>
        <translation>输出步幅</translation>
    </message>
    <message>
        <source>Mean of RGB, 0–1</source>
        <translation>RGB 均值（0–1）</translation>
    </message>
    <message>
        <source>Deviation of RGB, 0–1</source>
        <translation>RGB 标准差（0–1）</translation>
    </message>
    <message>
        <source>Names of the channels</source>
        <translation>通道名称</translation>
    </message>
    <message>
        <source>Correct and reload</source>
        <translation>更正并重新加载</translation>
    </message>
    <message>
        <source>What is wrong can be corrected; it is remembered.</source>
        <translation>有误之处可以更正，程序会记住。</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>模型卡</translation>
    </message>
    <message>
        <source>Facts and corrections</source>
        <translation>属性与更正</translation>
    </message>
    <message>
        <source>layout</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>backbone</source>
        <translation>骨干网络</translation>
    </message>
    <message>
        <source>output stride</source>
        <translation>输出步幅</translation>
    </message>
    <message>
        <source>atrous rates</source>
        <translation>空洞率</translation>
    </message>
    <message>
        <source>parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>categories</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>normalisation</source>
        <translation>归一化</translation>
    </message>
    <message>
        <source>align_corners</source>
        <translation>align_corners</translation>
    </message>
    <message>
        <source>licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>略去</translation>
    </message>
    <message>
        <source>digest</source>
        <translation>摘要</translation>
    </message>
    <message>
        <source>Expected three numbers like 0.485, 0.456, 0.406.</source>
        <translation>需要三个数字，例如 0.485, 0.456, 0.406。</translation>
    </message>
</context>
<context>
    <name>ModelsDialog</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Search: a name, a data set such as Cityscapes, a backbone</source>
        <translation>搜索：名称、数据集（如 Cityscapes）或骨干网络</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>搜索模型</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Data set</source>
        <translation>数据集</translation>
    </message>
    <message>
        <source>Categories</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Backbone</source>
        <translation>骨干网络</translation>
    </message>
    <message>
        <source>mIoU</source>
        <translation>mIoU</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Load a file…</source>
        <translation>加载文件…</translation>
    </message>
    <message>
        <source>in this project</source>
        <translation>本项目</translation>
    </message>
    <message>
        <source>used before</source>
        <translation>曾使用过</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>使用此模型</translation>
    </message>
    <message>
        <source>Download…</source>
        <translation>下载…</translation>
    </message>
    <message>
        <source>No model fits. Type fewer letters, or load a file.</source>
        <translation>没有匹配的模型。请少输入几个字母，或加载文件。</translation>
    </message>
    <message>
        <source>Download {0} ({1} MB)?

Code and weights: {2}
Data it was trained on: {3}</source>
        <translation>下载 {0}（{1} MB）？

代码与权重：{2}
训练数据：{3}</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>cell nuclei in microscopy images, glowing or stained, touching ones told apart</source>
        <translation>显微图像中的细胞核，荧光或染色均可，相互接触的也能分开</translation>
    </message>
    <message>
        <source>elements of user interfaces in screenshots: buttons, fields, lists, text and more</source>
        <translation>屏幕截图中的界面元素：按钮、输入框、列表、文字等</translation>
    </message>
    <message>
        <source>Comes with seglabel: {0}. Data: {1}.</source>
        <translation>随 seglabel 提供：{0}。数据：{1}。</translation>
    </message>
    <message>
        <source>On this machine: {0}</source>
        <translation>在本机：{0}</translation>
    </message>
    <message>
        <source>Not on this machine. {0}</source>
        <translation>不在本机。{0}</translation>
    </message>
    <message>
        <source>checked by its SHA-256 ({0}…)</source>
        <translation>以 SHA-256 校验（{0}…）</translation>
    </message>
</context>
<context>
    <name>NotesDialog</name>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
</context>
<context>
    <name>ObjectsBinding</name>
    <message>
        <source>Only things have objects, and no category is one yet: right-click a category and choose “Thing”.</source>
        <translation>只有可数对象的类别才有实例，目前还没有这样的类别：右键单击一个类别并选择“可数对象”。</translation>
    </message>
    <message>
        <source>No objects without a number touch each other at a neck.</source>
        <translation>没有未编号的对象在颈部相互接触。</translation>
    </message>
    <message>
        <source>No object is in this image. Only things have any.</source>
        <translation>这张图像中没有实例。只有物体类别才有实例。</translation>
    </message>
    <message>
        <source>{0} groups of touching objects are parted. Ctrl+Z takes it back.</source>
        <translation>已分开 {0} 组相互接触的对象。按 Ctrl+Z 撤销。</translation>
    </message>
    <message>
        <source>{0} objects are numbered.</source>
        <translation>已为 {0} 个实例编号。</translation>
    </message>
</context>
<context>
    <name>Originals</name>
    <message>
        <source>Giving labels to renamed images</source>
        <translation>正在把标注转给改名的图像</translation>
    </message>
    <message>
        <source>Labels cannot be changed while they are given to renamed images.</source>
        <translation>把标注转给改名的图像期间不能更改标注。</translation>
    </message>
</context>
<context>
    <name>OriginalsBinding</name>
    <message>
        <source>Labelled images that were renamed or moved: {0}.</source>
        <translation>已标注的图像被改名或移动：{0} 张。</translation>
    </message>
    <message>
        <source>Gone: {0}; their labels are kept.</source>
        <translation>已不存在：{0} 张；其标注仍保留。</translation>
    </message>
    <message>
        <source>Changed after they were labelled: {0}.</source>
        <translation>标注之后有改动：{0} 张。</translation>
    </message>
    <message>
        <source>Check…</source>
        <translation>检查…</translation>
    </message>
    <message>
        <source>Let the labels follow</source>
        <translation>让标注跟随图像</translation>
    </message>
    <message>
        <source>The labels of {0} images lie with them again.</source>
        <translation>{0} 张图像的标注已重新对应。</translation>
    </message>
    <message>
        <source>This image changed after it was labelled. Look whether the labels still fit.</source>
        <translation>这张图像在标注之后有改动。请看标注是否仍然相符。</translation>
    </message>
    <message>
        <source>They fit</source>
        <translation>仍然相符</translation>
    </message>
    <message>
        <source>{0} is gone: it was deleted, renamed or moved. Its labels are kept; put it back, or look whether it has another name now.</source>
        <translation>{0} 已不存在：可能被删除、改名或移动。其标注仍保留；请放回图像，或查找它是否有了新名字。</translation>
    </message>
</context>
<context>
    <name>OverChooser</name>
    <message>
        <source>Which pixels painting may change; all others stay</source>
        <translation>标注可以改变哪些像素；其余保持不变</translation>
    </message>
    <message>
        <source>Paint over</source>
        <translation>覆盖范围</translation>
    </message>
    <message>
        <source>Over: {0}</source>
        <translation>覆盖：{0}</translation>
    </message>
    <message>
        <source>Any pixel</source>
        <translation>任何像素</translation>
    </message>
    <message>
        <source>Only what has no label (behind)</source>
        <translation>仅未标注处（置于后面）</translation>
    </message>
    <message>
        <source>any</source>
        <translation>任何</translation>
    </message>
    <message>
        <source>unlabelled</source>
        <translation>未标注</translation>
    </message>
    <message>
        <source>{0} categories</source>
        <translation>{0} 个类别</translation>
    </message>
</context>
<context>
    <name>Overview</name>
    <message>
        <source>Overview</source>
        <translation>总览图</translation>
    </message>
</context>
<context>
    <name>PaletteDialog</name>
    <message>
        <source>What fits</source>
        <translation>匹配项</translation>
    </message>
    <message>
        <source>Nothing fits. Type fewer letters, or Esc to close.</source>
        <translation>没有匹配项。请少输入几个字母，或按 Esc 关闭。</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Preferences</source>
        <translation>首选项</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Memory for undo</source>
        <translation>撤销所用内存</translation>
    </message>
    <message>
        <source> MB</source>
        <translation> MB</translation>
    </message>
    <message>
        <source>For all images together. Beyond that the oldest steps are forgotten.</source>
        <translation>所有图像合计。超出后最早的步骤会被丢弃。</translation>
    </message>
</context>
<context>
    <name>ProjectBinding</name>
    <message>
        <source>Open a folder of images</source>
        <translation>打开图像文件夹</translation>
    </message>
    <message>
        <source>Read-only: {0}</source>
        <translation>只读：{0}</translation>
    </message>
    <message>
        <source>Keep the project elsewhere…</source>
        <translation>将项目保存到别处…</translation>
    </message>
    <message>
        <source>A folder for the project, on a disk with room</source>
        <translation>为项目选择一个文件夹（所在磁盘需有空间）</translation>
    </message>
    <message>
        <source>The project lies in {0} from now on. Commands find it there with --project.</source>
        <translation>项目现在位于 {0}。命令行用 --project 找到它。</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>好</translation>
    </message>
    <message>
        <source>The project was not moved. {0}</source>
        <translation>项目未移动。{0}</translation>
    </message>
    <message>
        <source>Save elsewhere…</source>
        <translation>保存到别处…</translation>
    </message>
    <message>
        <source>The folder was not opened</source>
        <translation>未能打开文件夹</translation>
    </message>
    <message>
        <source>{0} holds no images that seglabel reads.</source>
        <translation>{0} 中没有 seglabel 可读取的图像。</translation>
    </message>
    <message>
        <source>Open another folder…</source>
        <translation>打开其他文件夹…</translation>
    </message>
    <message>
        <source>Loading {0} …</source>
        <translation>正在加载 {0} …</translation>
    </message>
    <message>
        <source>Still waiting for {0}. Its disk does not answer; other images may open.</source>
        <translation>仍在等待 {0}。其所在磁盘没有响应；其他图像也许可以打开。</translation>
    </message>
    <message>
        <source>Next image</source>
        <translation>下一张</translation>
    </message>
    <message>
        <source>Still waiting for {0}: its disk does not answer, so your work is not saved. You can go on; it is kept against a crash.</source>
        <translation>仍在等待 {0}：其所在磁盘没有响应，您的工作尚未保存。您可以继续工作；内容已另行保存，崩溃也不会丢失。</translation>
    </message>
    <message>
        <source>saved</source>
        <translation>已保存</translation>
    </message>
    <message>
        <source>not saved yet</source>
        <translation>尚未保存</translation>
    </message>
    <message>
        <source>saving …</source>
        <translation>正在保存 …</translation>
    </message>
    <message>
        <source>not saved!</source>
        <translation>保存失败！</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>ProposalPanel</name>
    <message>
        <source>Hide below confidence</source>
        <translation>隐藏低于此置信度的</translation>
    </message>
    <message>
        <source>What is proposed with less confidence is shown as not labelled</source>
        <translation>置信度更低的预标注显示为未标注</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>No model yet. Paint a few strokes and refine, choose a model, or label a few images and let one learn from them.</source>
        <translation>还没有模型。请画几笔并细化，选择一个模型，或者标注几张图像并让模型从中学习。</translation>
    </message>
    <message>
        <source>{0} images are corrected: a model can learn from them.</source>
        <translation>已修正 {0} 张图像：模型可以从中学习。</translation>
    </message>
    <message>
        <source>Loading {0} …</source>
        <translation>正在加载 {0} …</translation>
    </message>
    <message>
        <source>&lt;b&gt;{0}&lt;/b&gt; · {1} categories</source>
        <translation>&lt;b&gt;{0}&lt;/b&gt; · {1} 个类别</translation>
    </message>
    <message>
        <source>&lt;b&gt;{0}&lt;/b&gt; · one category</source>
        <translation>&lt;b&gt;{0}&lt;/b&gt; · 1 个类别</translation>
    </message>
    <message>
        <source>This image has no proposal.</source>
        <translation>此图像还没有预标注。</translation>
    </message>
    <message>
        <source>Mean confidence {0}&#xa0;%</source>
        <translation>平均置信度 {0}&#xa0;%</translation>
    </message>
    <message>
        <source>Refined from your strokes: mean confidence {0}&#xa0;%</source>
        <translation>根据您的笔触细化：平均置信度 {0}&#xa0;%</translation>
    </message>
    <message>
        <source>Refined from your strokes and {1}: mean confidence {0}&#xa0;%</source>
        <translation>根据您的笔触和 {1} 细化：平均置信度 {0}&#xa0;%</translation>
    </message>
    <message>
        <source>{0}, proposed by {1}</source>
        <translation>{0}，由 {1} 建议</translation>
    </message>
    <message>
        <source>Refining …</source>
        <translation>正在细化…</translation>
    </message>
    <message>
        <source>Proposing …</source>
        <translation>正在预标注 …</translation>
    </message>
    <message>
        <source>Proposed ahead: {0} of {1}</source>
        <translation>已提前预标注：{0}/{1}</translation>
    </message>
    <message>
        <source>The next images that nobody touched; see “Propose ahead” in the Model menu</source>
        <translation>接下来无人改动的图像；见“模型”菜单中的“提前预标注”</translation>
    </message>
</context>
<context>
    <name>Proposing</name>
    <message>
        <source>Every pixel of this image is yours already: a proposal changes nothing.</source>
        <translation>这张图像的每个像素都已由您确定：预标注不会改变任何内容。</translation>
    </message>
    <message>
        <source>Proposing</source>
        <translation>正在预标注</translation>
    </message>
    <message>
        <source>{0} of {1} categories of {2} are not in this project and become background: {3}</source>
        <translation>{2} 的 {1} 个类别中有 {0} 个不在本项目中，将成为背景：{3}</translation>
    </message>
    <message>
        <source>{0} pixels of {1} have no category here and became background.</source>
        <translation>{1} 的 {0} 个像素在此项目中没有对应类别，已变为背景。</translation>
    </message>
    <message>
        <source>{0} images could not be proposed. The first: {1}</source>
        <translation>有 {0} 张图像未能预标注。第一张：{1}</translation>
    </message>
    <message>
        <source>Images proposed: {0}. Up to date already: {1}.</source>
        <translation>已建议的图像：{0}。本已最新：{1}。</translation>
    </message>
    <message>
        <source>Left as they are, because you worked on them: {0}.</source>
        <translation>因您已处理而保持不变：{0}。</translation>
    </message>
    <message>
        <source>Stopped. What is done stays done; a new run goes on from there.</source>
        <translation>已停止。已完成的结果会保留，再次运行将从此处继续。</translation>
    </message>
</context>
<context>
    <name>QueueBinding</name>
    <message>
        <source>Nothing is proposed yet, so nothing tells what to label next: the images stay in the order of their names until a model has proposed.</source>
        <translation>尚无任何预标注，因此无法判断接下来该标注哪张：在模型给出预标注之前，图像按名称排列。</translation>
    </message>
    <message>
        <source>unlike what is labelled or comes before it</source>
        <translation>与已标注的以及排在前面的图像都不同</translation>
    </message>
    <message>
        <source>new kind</source>
        <translation>新类型</translation>
    </message>
    <message>
        <source>typical</source>
        <translation>典型</translation>
    </message>
    <message>
        <source>like many others</source>
        <translation>与许多其他图像相似</translation>
    </message>
    <message>
        <source>uncertain: {0}</source>
        <translation>不确定：{0}</translation>
    </message>
    <message>
        <source>Proposed anew: {0} images.</source>
        <translation>已重新预标注 {0} 张图像。</translation>
    </message>
    <message>
        <source>Next in queue</source>
        <translation>队列中的下一张</translation>
    </message>
</context>
<context>
    <name>Recovering</name>
    <message>
        <source>Recovering unsaved work</source>
        <translation>正在恢复未保存的工作</translation>
    </message>
    <message>
        <source>Labels cannot be changed while unsaved work is recovered.</source>
        <translation>恢复未保存的工作时不能修改标注。</translation>
    </message>
    <message>
        <source>Keeping what was saved</source>
        <translation>保留已保存的内容</translation>
    </message>
</context>
<context>
    <name>RecoveryBinding</name>
    <message>
        <source>The unsaved work is back (images: {0}); every step can be undone.</source>
        <translation>未保存的工作已恢复（图像：{0} 张），每一步都可以撤销。</translation>
    </message>
    <message>
        <source>Show steps</source>
        <translation>显示步骤</translation>
    </message>
    <message>
        <source>{0} could not be recovered.</source>
        <translation>{0} 张无法恢复。</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>详情…</translation>
    </message>
    <message>
        <source>What you do now is lost if the program ends before it is saved. {0}</source>
        <translation>如果程序在保存之前结束，您现在所做的工作将会丢失。{0}</translation>
    </message>
    <message>
        <source>{0} Until it can be saved, your work is kept in {1} against a crash.</source>
        <translation>{0} 在能够保存之前，您的工作保存在 {1}，崩溃也不会丢失。</translation>
    </message>
</context>
<context>
    <name>RecoveryDialog</name>
    <message>
        <source>Unsaved work</source>
        <translation>未保存的工作</translation>
    </message>
    <message>
        <source>seglabel ended before all of your work was saved. Images with unsaved work: {0}. Last change: {1}</source>
        <translation>seglabel 在全部工作保存之前退出了。有未保存工作的图像：{0} 张。最后一次更改：{1}</translation>
    </message>
    <message>
        <source>{0} (steps: {1})</source>
        <translation>{0}（{1} 步）</translation>
    </message>
    <message>
        <source>Recover</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Keep what was saved</source>
        <translation>保留已保存的内容</translation>
    </message>
    <message>
        <source>Decide later</source>
        <translation>以后再决定</translation>
    </message>
</context>
<context>
    <name>Refining</name>
    <message>
        <source>Every pixel of this image is yours already: there is nothing to refine.</source>
        <translation>此图像的每个像素都已由您确定：没有可细化的内容。</translation>
    </message>
    <message>
        <source>Paint a stroke of at least two categories first (background counts): what you paint is the example for the rest of the image.</source>
        <translation>请先为至少两个类别各画一笔（背景也算）：您所画的就是图像其余部分的示例。</translation>
    </message>
</context>
<context>
    <name>RenderingDialog</name>
    <message>
        <source>Bands and stretch</source>
        <translation>波段与拉伸</translation>
    </message>
    <message>
        <source>&amp;First bands of the file</source>
        <translation>文件的前几个波段(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Red</source>
        <translation>红(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Green</source>
        <translation>绿(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Blue</source>
        <translation>蓝(&amp;B)</translation>
    </message>
    <message>
        <source>Black be&amp;low</source>
        <translation>低于此为黑(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;White above</source>
        <translation>高于此为白(&amp;W)</translation>
    </message>
    <message>
        <source> % of the values</source>
        <translation> % 的像素值</translation>
    </message>
    <message>
        <source>For all images of this project, as you and the model see them. The stretch is for pictures of more than 8 bits.</source>
        <translation>作用于本项目的所有图像，您和模型看到的都是如此。拉伸仅用于超过 8 位的图像。</translation>
    </message>
</context>
<context>
    <name>ReviewBinding</name>
    <message>
        <source>{0}, confidence {1}&#xa0;%. {2} {3}&#xa0;% of the pixels are uncertain.</source>
        <translation>{0}，置信度 {1}&#xa0;%。{2} {3}&#xa0;% 的像素不确定。</translation>
    </message>
    <message>
        <source>{0} accepted here.</source>
        <translation>此处的 {0} 已接受。</translation>
    </message>
    <message>
        <source>{0} is background here now.</source>
        <translation>此处的 {0} 现为背景。</translation>
    </message>
    <message>
        <source>{0} replaced here.</source>
        <translation>此处的 {0} 已替换。</translation>
    </message>
    <message>
        <source>{0} accepted in the whole image.</source>
        <translation>整幅图像的 {0} 已接受。</translation>
    </message>
    <message>
        <source>{0} is background in the whole image now.</source>
        <translation>整幅图像的 {0} 现为背景。</translation>
    </message>
    <message>
        <source>Uncertain regions left: {0}.</source>
        <translation>剩余不确定区域：{0}。</translation>
    </message>
    <message>
        <source>N next · A accept · Z reject</source>
        <translation>N 下一个 · A 接受 · Z 拒绝</translation>
    </message>
    <message>
        <source>{0}&#xa0;% of the pixels are uncertain.</source>
        <translation>{0}&#xa0;% 的像素不确定。</translation>
    </message>
</context>
<context>
    <name>Reviewing</name>
    <message>
        <source>The proposal is still being read.</source>
        <translation>预标注仍在读取中。</translation>
    </message>
    <message>
        <source>Nothing is proposed here that you have not decided about.</source>
        <translation>这里没有尚待您决定的预标注。</translation>
    </message>
    <message>
        <source>Point at a region, or press N for an uncertain one.</source>
        <translation>请指向一个区域，或按 N 转到不确定的区域。</translation>
    </message>
    <message>
        <source>You have decided about this region already.</source>
        <translation>这个区域您已经决定过了。</translation>
    </message>
    <message>
        <source>Nothing changed: this category is locked.</source>
        <translation>没有改动：该类别已锁定。</translation>
    </message>
    <message>
        <source>Nothing is proposed for this image.</source>
        <translation>这张图像没有预标注。</translation>
    </message>
    <message>
        <source>No uncertain region is left in this image.</source>
        <translation>这张图像中没有不确定的区域了。</translation>
    </message>
    <message>
        <source>Nothing changed: no pixel is both proposed and not locked.</source>
        <translation>没有改动：没有既是预标注又未锁定的像素。</translation>
    </message>
    <message>
        <source>No other image with a proposal waits for you.</source>
        <translation>没有其他带预标注的图像在等您处理。</translation>
    </message>
</context>
<context>
    <name>Running</name>
    <message>
        <source>Not started, because your work could not be saved.</source>
        <translation>未开始，因为您的工作无法保存。</translation>
    </message>
</context>
<context>
    <name>SeriesChart</name>
    <message>
        <source>No image was reviewed yet.</source>
        <translation>尚未审核任何图像。</translation>
    </message>
    <message>
        <source>{0:.1f} in the beginning, {1:.1f} now, over {2} images</source>
        <translation>开始时 {0:.1f}，现在 {1:.1f}，共 {2} 张图像</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>&lt;h3&gt;seglabel {0}&lt;/h3&gt;&lt;p&gt;Label images for semantic segmentation: DeepLabv3+ proposes, you correct.&lt;/p&gt;&lt;p&gt;Licence: Apache 2.0&lt;/p&gt;</source>
        <translation>&lt;h3&gt;seglabel {0}&lt;/h3&gt;&lt;p&gt;语义分割图像标注：DeepLabv3+ 预标注，您来修正。&lt;/p&gt;&lt;p&gt;许可证：Apache 2.0&lt;/p&gt;</translation>
    </message>
    <message>
        <source>About seglabel</source>
        <translation>关于 seglabel</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>按键方案(&amp;K)</translation>
    </message>
    <message>
        <source>Search an action or a key…</source>
        <translation>搜索操作或按键…</translation>
    </message>
    <message>
        <source>Search an action or a key</source>
        <translation>搜索操作或按键</translation>
    </message>
    <message>
        <source>Actions and their keys</source>
        <translation>操作及其按键</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>New key: press it here</source>
        <translation>新按键：在此按下</translation>
    </message>
    <message>
        <source>&amp;New key</source>
        <translation>新按键(&amp;N)</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Use it too</source>
        <translation>同时使用</translation>
    </message>
    <message>
        <source>No key</source>
        <translation>无按键</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Back to the key of the chosen set</source>
        <translation>恢复为所选方案的按键</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>全部重置</translation>
    </message>
    <message>
        <source>{0} is the key of “{1}”, which would lose it.</source>
        <translation>{0} 是“{1}”的按键，接管后它将失去该按键。</translation>
    </message>
    <message>
        <source>{0} is its key already.</source>
        <translation>{0} 已经是它的按键。</translation>
    </message>
    <message>
        <source>Take it over</source>
        <translation>接管</translation>
    </message>
    <message>
        <source>{0} is held or ends a stroke, and cannot be given away.</source>
        <translation>{0} 用于按住或结束笔画，不能另作他用。</translation>
    </message>
    <message>
        <source>Alt with a letter opens the menus.</source>
        <translation>Alt 加字母用于打开菜单。</translation>
    </message>
    <message>
        <source>No action and no key fits. Type fewer letters.</source>
        <translation>没有匹配的操作或按键。请少输入几个字母。</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>Label images for segmentation</source>
        <translation>图像分割标注</translation>
    </message>
    <message>
        <source>Open a folder of pictures. A model proposes a mask for each, you correct it with a brush, and export COCO or Pascal VOC. Your pictures are never changed.</source>
        <translation>打开一个图片文件夹。模型为每张图片预标注，您用画笔修正，然后导出 COCO 或 Pascal VOC。您的图片绝不会被改动。</translation>
    </message>
    <message>
        <source>Open a folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>or drop a folder or pictures here</source>
        <translation>或将文件夹或图片拖放到此处</translation>
    </message>
    <message>
        <source>Try it with sample pictures…</source>
        <translation>用示例图片试一试…</translation>
    </message>
    <message>
        <source>Recent folders</source>
        <translation>最近的文件夹</translation>
    </message>
</context>
<context>
    <name>StatisticsDialog</name>
    <message>
        <source>Statistics</source>
        <translation>统计</translation>
    </message>
    <message>
        <source>All labels</source>
        <translation>全部标注</translation>
    </message>
    <message>
        <source>Of corrected and reviewed images</source>
        <translation>已修正和已审核图像的标注</translation>
    </message>
    <message>
        <source>Of reviewed images</source>
        <translation>已审核图像的标注</translation>
    </message>
    <message>
        <source>Which labels are counted</source>
        <translation>统计哪些标注</translation>
    </message>
    <message>
        <source>Pixels and objects per category</source>
        <translation>每个类别的像素和实例</translation>
    </message>
    <message>
        <source>Category</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>实例</translation>
    </message>
    <message>
        <source>Pixels</source>
        <translation>像素</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>占比</translation>
    </message>
    <message>
        <source>Strokes per image</source>
        <translation>每张图像的笔画数</translation>
    </message>
    <message>
        <source>Minutes per image</source>
        <translation>每张图像的分钟数</translation>
    </message>
    <message>
        <source>not begun: {0}</source>
        <translation>未开始：{0}</translation>
    </message>
    <message>
        <source>proposed: {0}</source>
        <translation>已预标注：{0}</translation>
    </message>
    <message>
        <source>corrected: {0}</source>
        <translation>已修正：{0}</translation>
    </message>
    <message>
        <source>reviewed: {0}</source>
        <translation>已审核：{0}</translation>
    </message>
    <message>
        <source>Images: {0}</source>
        <translation>图像：{0}</translation>
    </message>
    <message>
        <source>The model had {0:.1f}&#xa0;% of the proposed pixels right.</source>
        <translation>预标注的像素中有 {0:.1f}&#xa0;% 是正确的。</translation>
    </message>
    <message>
        <source>Your work so far: {0} strokes in {1:,.1f} minutes.</source>
        <translation>到目前为止的工作：{1:,.1f} 分钟内 {0} 笔。</translation>
    </message>
    <message>
        <source>Nobody has worked on these images in this window yet.</source>
        <translation>还没有人在此窗口中处理过这些图像。</translation>
    </message>
    <message>
        <source>Counting {0} of {1}…</source>
        <translation>正在统计第 {0} 张，共 {1} 张…</translation>
    </message>
    <message>
        <source>no category</source>
        <translation>无类别</translation>
    </message>
    <message>
        <source>void</source>
        <translation>忽略</translation>
    </message>
    <message>
        <source>Images with labels: {0}</source>
        <translation>有标注的图像：{0}</translation>
    </message>
</context>
<context>
    <name>ToolOptions</name>
    <message>
        <source>Click the picture to take the category there.</source>
        <translation>点击图像以取该处的类别。</translation>
    </message>
</context>
<context>
    <name>TourPanel</name>
    <message>
        <source>Close the tour; the Help menu has it</source>
        <translation>关闭导览；可从“帮助”菜单再次打开</translation>
    </message>
    <message>
        <source>Close the tour</source>
        <translation>关闭导览</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>The demo goes on in another folder, with the other built-in model.</source>
        <translation>演示在另一个文件夹中继续，使用另一个内置模型。</translation>
    </message>
    <message>
        <source>Open “{0}”</source>
        <translation>打开“{0}”</translation>
    </message>
    <message>
        <source>Finish</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Guided tour</source>
        <translation>导览</translation>
    </message>
    <message>
        <source>step {0} of {1}: {2}</source>
        <translation>第 {0} 步，共 {1} 步：{2}</translation>
    </message>
    <message>
        <source>“{0}”</source>
        <translation>“{0}”</translation>
    </message>
</context>
<context>
    <name>Unexpected</name>
    <message>
        <source>seglabel crashed when it ran last. What is known of it is in {0}</source>
        <translation>seglabel 上次运行时崩溃。相关信息保存在 {0}</translation>
    </message>
    <message>
        <source>Open log folder</source>
        <translation>打开日志文件夹</translation>
    </message>
    <message>
        <source>It happened again: {0}</source>
        <translation>再次发生：{0}</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>详细信息…</translation>
    </message>
</context>
<context>
    <name>UnexpectedDialog</name>
    <message>
        <source>Unexpected error</source>
        <translation>意外错误</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Something in seglabel went wrong: {0}</source>
        <translation>seglabel 发生了错误：{0}</translation>
    </message>
    <message>
        <source>It happened {0} times.</source>
        <translation>已发生 {0} 次。</translation>
    </message>
    <message>
        <source>{0} different errors, {1} in all.</source>
        <translation>{0} 种不同的错误，共 {1} 次。</translation>
    </message>
    <message>
        <source>Your work is safe: every finished stroke is kept on disk at once. You can go on; if the program behaves oddly, close it and start it again.</source>
        <translation>您的工作是安全的：每一笔完成后都会立即保存到磁盘。您可以继续；如果程序表现异常，请关闭后重新启动。</translation>
    </message>
    <message>
        <source>What you did last is not yet kept on disk: save it now (Ctrl+S), then close the program and start it again.</source>
        <translation>您最近的操作尚未保存到磁盘：请立即保存（Ctrl+S），然后关闭程序并重新启动。</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详细信息</translation>
    </message>
    <message>
        <source>Open log folder</source>
        <translation>打开日志文件夹</translation>
    </message>
</context>
<context>
    <name>UnsavedDialog</name>
    <message>
        <source>Not saved</source>
        <translation>未保存</translation>
    </message>
    <message>
        <source>Your work on {0} images could not be saved. The first: {1}</source>
        <translation>{0} 张图像的工作未能保存。第一张：{1}</translation>
    </message>
    <message>
        <source>Close and lose {0} images</source>
        <translation>关闭并丢弃 {0} 张图像</translation>
    </message>
    <message>
        <source>The categories and settings of the project could not be saved.</source>
        <translation>项目的类别和设置未能保存。</translation>
    </message>
    <message>
        <source>Close and lose them</source>
        <translation>关闭并丢弃</translation>
    </message>
    <message>
        <source>Perhaps the disk is full or was taken away. Put that right and try again.</source>
        <translation>可能磁盘已满或已被移除。请解决后重试。</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>留下</translation>
    </message>
</context>
<context>
    <name>Versions</name>
    <message>
        <source>Export {0} with its model card</source>
        <translation>导出 {0} 及其模型卡片</translation>
    </message>
    <message>
        <source>Exported {0} to {1}, with its card {2}. Names of images stay here.</source>
        <translation>已将 {0} 导出到 {1}，并附模型卡片 {2}。图像名称不会外传。</translation>
    </message>
    <message>
        <source>Delete {0} ({1} MB)? This cannot be undone.</source>
        <translation>删除 {0}（{1} MB）？此操作无法撤销。</translation>
    </message>
    <message>
        <source>{0} is the model that this project uses.</source>
        <translation>{0} 是本项目正在使用的模型。</translation>
    </message>
    <message>
        <source>Delete {0}</source>
        <translation>删除 {0}</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>{0} is deleted.</source>
        <translation>已删除 {0}。</translation>
    </message>
    <message>
        <source>Comparing {0} and {1}</source>
        <translation>正在比较 {0} 和 {1}</translation>
    </message>
</context>
<context>
    <name>VersionsDialog</name>
    <message>
        <source>Models of this project</source>
        <translation>本项目的模型</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Trained</source>
        <translation>训练时间</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Held back</source>
        <translation>保留图像</translation>
    </message>
    <message>
        <source>mIoU</source>
        <translation>mIoU</translation>
    </message>
    <message>
        <source>Started from</source>
        <translation>起点</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>删除…</translation>
    </message>
    <message>
        <source>About…</source>
        <translation>关于…</translation>
    </message>
    <message>
        <source>Use this one</source>
        <translation>使用此模型</translation>
    </message>
    <message>
        <source>{0} (in use)</source>
        <translation>{0}（使用中）</translation>
    </message>
    <message>
        <source>damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <source>Compare with {0}</source>
        <translation>与 {0} 比较</translation>
    </message>
    <message>
        <source>No model was trained in this project yet: Learn makes the first one.</source>
        <translation>本项目还没有训练过模型：用“学习”得到第一个。</translation>
    </message>
    <message>
        <source>Choose one model, or two of them to compare.</source>
        <translation>请选择一个模型，或选择两个进行比较。</translation>
    </message>
    <message>
        <source>The file does not say how it came about.</source>
        <translation>文件没有说明它是如何得来的。</translation>
    </message>
    <message>
        <source>Learned from {0} images, starting from {1}.</source>
        <translation>从 {1} 开始，用 {0} 张图像学习。</translation>
    </message>
    <message>
        <source>Learned from {0} images, starting from the backbone {1}.</source>
        <translation>从骨干网络 {1} 开始，用 {0} 张图像学习。</translation>
    </message>
    <message>
        <source>Nothing was held back to judge it by.</source>
        <translation>没有可用来评估它的保留图像。</translation>
    </message>
    <message>
        <source>mIoU {0:.3f} on the images held back from it.</source>
        <translation>在保留图像上 mIoU 为 {0:.3f}。</translation>
    </message>
    <message>
        <source>{0}, used until then: {1:.3f}.</source>
        <translation>此前使用的 {0}：{1:.3f}。</translation>
    </message>
    <message>
        <source>{0} steps</source>
        <translation>{0} 步</translation>
    </message>
    <message>
        <source>{0} s</source>
        <translation>{0} 秒</translation>
    </message>
    <message>
        <source>seed {0}</source>
        <translation>种子 {0}</translation>
    </message>
</context>
<context>
    <name>Workspace</name>
    <message>
        <source>Opening {0}</source>
        <translation>正在打开 {0}</translation>
    </message>
    <message>
        <source>Another folder is being opened.</source>
        <translation>正在打开另一个文件夹。</translation>
    </message>
    <message>
        <source>{0}: not opened, because your work here could not be saved.</source>
        <translation>{0}：未打开，因为此处的工作未能保存。</translation>
    </message>
    <message>
        <source>The project is being moved.</source>
        <translation>正在移动项目。</translation>
    </message>
    <message>
        <source>Moving the project to {0}</source>
        <translation>正在将项目移动到 {0}</translation>
    </message>
</context>
<context>
    <name>_CategoryModel</name>
    <message>
        <source>Everything that belongs to no category (key 0)</source>
        <translation>不属于任何类别的内容（按键 0）</translation>
    </message>
    <message>
        <source>thing: every connected region is exported as one object</source>
        <translation>可数对象：每个连通区域导出为一个对象</translation>
    </message>
    <message>
        <source>stuff: exported as one object per image</source>
        <translation>不可数区域：每张图像导出为一个对象</translation>
    </message>
    <message>
        <source>key {0}</source>
        <translation>按键 {0}</translation>
    </message>
    <message>
        <source>click to choose</source>
        <translation>单击选择</translation>
    </message>
    <message>
        <source>locked: its pixels are protected, more can still be painted (Q or a click on the padlock unlocks)</source>
        <translation>已锁定：已有像素受保护，仍可继续用它标注（按 Q 或点击锁形图标解除）</translation>
    </message>
    <message>
        <source>Q or a click on the padlock protects the pixels that it has</source>
        <translation>按 Q 或点击锁形图标可保护其已有的像素</translation>
    </message>
</context>
<context>
    <name>_ImageModel</name>
    <message>
        <source>number {0} to label: {1}</source>
        <translation>标注顺序第 {0} 位：{1}</translation>
    </message>
    <message>
        <source>Mean confidence {0} %</source>
        <translation>平均置信度 {0} %</translation>
    </message>
    <message>
        <source>Bar: how unsure the model is, {0} % on average</source>
        <translation>条形：模型的不确定程度，平均 {0} %</translation>
    </message>
</context>
<context>
    <name>_StepModel</name>
    <message>
        <source>As it was</source>
        <translation>原来的样子</translation>
    </message>
    <message>
        <source>{0}, undone</source>
        <translation>{0}，已撤销</translation>
    </message>
</context>
<context>
    <name>actions</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Tools</source>
        <translation>工具(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Image</source>
        <translation>图像(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Category</source>
        <translation>类别(&amp;C)</translation>
    </message>
    <message>
        <source>Paint this category from now on</source>
        <translation>从现在起绘制此类别</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>Open a folder of images</source>
        <translation>打开图像文件夹</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Import labels…</source>
        <translation>导入标注…</translation>
    </message>
    <message>
        <source>Bring in COCO, Pascal VOC or index PNGs</source>
        <translation>导入 COCO、Pascal VOC 或索引 PNG</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Write COCO, Pascal VOC or index PNGs</source>
        <translation>写出 COCO、Pascal VOC 或索引 PNG</translation>
    </message>
    <message>
        <source>Save now</source>
        <translation>立即保存</translation>
    </message>
    <message>
        <source>Saving is automatic; this does it at once</source>
        <translation>保存是自动的；此操作立即保存</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Save and close the window</source>
        <translation>保存并关闭窗口</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take the last change back</source>
        <translation>撤回上一次更改</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Do the undone change again</source>
        <translation>恢复撤销的更改</translation>
    </message>
    <message>
        <source>Find anything…</source>
        <translation>查找一切…</translation>
    </message>
    <message>
        <source>Type what you want: an action, a category or an image</source>
        <translation>输入您想要的：操作、类别或图像</translation>
    </message>
    <message>
        <source>Keyboard shortcuts…</source>
        <translation>键盘快捷键…</translation>
    </message>
    <message>
        <source>Give actions other keys, or use those of another program</source>
        <translation>为操作指定其他按键，或使用其他程序的按键</translation>
    </message>
    <message>
        <source>Preferences…</source>
        <translation>首选项…</translation>
    </message>
    <message>
        <source>Theme, language, wheel, undo and what runs ahead</source>
        <translation>主题、语言、滚轮、撤销以及预先运行的内容</translation>
    </message>
    <message>
        <source>New category</source>
        <translation>新建类别</translation>
    </message>
    <message>
        <source>Type the name of a new category</source>
        <translation>输入新类别的名称</translation>
    </message>
    <message>
        <source>Choose category by name…</source>
        <translation>按名称选择类别…</translation>
    </message>
    <message>
        <source>Type a few letters of a category, then Enter</source>
        <translation>输入类别的几个字母，然后按回车</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>背景</translation>
    </message>
    <message>
        <source>Category 1</source>
        <translation>类别 1</translation>
    </message>
    <message>
        <source>Category 2</source>
        <translation>类别 2</translation>
    </message>
    <message>
        <source>Category 3</source>
        <translation>类别 3</translation>
    </message>
    <message>
        <source>Category 4</source>
        <translation>类别 4</translation>
    </message>
    <message>
        <source>Category 5</source>
        <translation>类别 5</translation>
    </message>
    <message>
        <source>Category 6</source>
        <translation>类别 6</translation>
    </message>
    <message>
        <source>Category 7</source>
        <translation>类别 7</translation>
    </message>
    <message>
        <source>Category 8</source>
        <translation>类别 8</translation>
    </message>
    <message>
        <source>Category 9</source>
        <translation>类别 9</translation>
    </message>
    <message>
        <source>Previous image</source>
        <translation>上一张</translation>
    </message>
    <message>
        <source>Save and go back one image</source>
        <translation>保存并转到上一张</translation>
    </message>
    <message>
        <source>Next image</source>
        <translation>下一张</translation>
    </message>
    <message>
        <source>Save and go on one image</source>
        <translation>保存并转到下一张</translation>
    </message>
    <message>
        <source>Reviewed, next</source>
        <translation>已审核，下一张</translation>
    </message>
    <message>
        <source>This image is right: mark it reviewed and go on</source>
        <translation>此图像无误：标记为已审核并继续</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>画笔</translation>
    </message>
    <message>
        <source>Paint the current category</source>
        <translation>绘制当前类别</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>橡皮擦</translation>
    </message>
    <message>
        <source>Paint background (for the moment: right button, or hold Alt)</source>
        <translation>绘制背景（临时使用：按住鼠标右键或 Alt）</translation>
    </message>
    <message>
        <source>Lasso</source>
        <translation>套索</translation>
    </message>
    <message>
        <source>Draw around what you want to paint</source>
        <translation>围绕要标注的内容画一圈</translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation>多边形</translation>
    </message>
    <message>
        <source>Set corners one by one; Enter closes</source>
        <translation>逐个设置顶点；按 Enter 闭合</translation>
    </message>
    <message>
        <source>Rectangle</source>
        <translation>矩形</translation>
    </message>
    <message>
        <source>Drag a rectangle (Shift: square, Ctrl: from the middle)</source>
        <translation>拖出矩形（Shift：正方形，Ctrl：从中心）</translation>
    </message>
    <message>
        <source>Ellipse</source>
        <translation>椭圆</translation>
    </message>
    <message>
        <source>Drag an ellipse (Shift: circle, Ctrl: from the middle)</source>
        <translation>拖出椭圆（Shift：圆形，Ctrl：从中心）</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>填充</translation>
    </message>
    <message>
        <source>Give the region under the pointer the current category</source>
        <translation>将指针处的区域设为当前类别</translation>
    </message>
    <message>
        <source>Magic wand</source>
        <translation>魔棒</translation>
    </message>
    <message>
        <source>Paint pixels of like colour; drag changes the tolerance</source>
        <translation>标注颜色相近的像素；拖动可改变容差</translation>
    </message>
    <message>
        <source>Superpixel brush</source>
        <translation>超像素画笔</translation>
    </message>
    <message>
        <source>Paint whole superpixels under the stroke</source>
        <translation>整块标注笔画经过的超像素</translation>
    </message>
    <message>
        <source>Edge brush</source>
        <translation>贴边画笔</translation>
    </message>
    <message>
        <source>A brush whose paint stops at edges inside its disc</source>
        <translation>颜料在圆盘内遇到边缘即停的画笔</translation>
    </message>
    <message>
        <source>Scissors</source>
        <translation>智能剪刀</translation>
    </message>
    <message>
        <source>Click along an edge, the line follows it</source>
        <translation>沿边缘单击，线条会贴合边缘</translation>
    </message>
    <message>
        <source>GrabCut</source>
        <translation>GrabCut 抠图</translation>
    </message>
    <message>
        <source>Cut an object out of a box around it</source>
        <translation>在框内抠出物体</translation>
    </message>
    <message>
        <source>Watershed</source>
        <translation>分水岭</translation>
    </message>
    <message>
        <source>Let regions grow from a few strokes</source>
        <translation>由几笔扩展出区域</translation>
    </message>
    <message>
        <source>Reshape</source>
        <translation>修整</translation>
    </message>
    <message>
        <source>Grow, shrink or smooth regions, fill holes, remove islands</source>
        <translation>扩张、收缩或平滑区域，填补孔洞，去除小岛</translation>
    </message>
    <message>
        <source>Pick category</source>
        <translation>拾取类别</translation>
    </message>
    <message>
        <source>Take the category under the pointer or of the next click</source>
        <translation>取指针下（或下一次点击处）的类别</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>Next in queue</source>
        <translation>队列中的下一张</translation>
    </message>
    <message>
        <source>Go on to the image from which the model is expected to learn most</source>
        <translation>转到预计能让模型学到最多的图像</translation>
    </message>
    <message>
        <source>What to label next comes first</source>
        <translation>接下来该标注的排在前面</translation>
    </message>
    <message>
        <source>Go through the images in the order in which it pays to label them, or by name</source>
        <translation>按标注收益的顺序浏览图像，或按名称</translation>
    </message>
    <message>
        <source>Copy region of previous image</source>
        <translation>复制上一张图像的区域</translation>
    </message>
    <message>
        <source>Statistics…</source>
        <translation>统计…</translation>
    </message>
    <message>
        <source>Pixels and objects per category, and what the work took</source>
        <translation>每个类别的像素和实例，以及所花的工作</translation>
    </message>
    <message>
        <source>Check project…</source>
        <translation>检查项目…</translation>
    </message>
    <message>
        <source>Whether all is whole and the images are still those that were labelled</source>
        <translation>检查文件是否完整，图像是否仍是标注时的那些</translation>
    </message>
    <message>
        <source>Take over the region that the previous image has here</source>
        <translation>采用上一张图像在此处的区域</translation>
    </message>
    <message>
        <source>Copy all of previous image</source>
        <translation>复制上一张图像的全部标注</translation>
    </message>
    <message>
        <source>Take over every label of the previous image</source>
        <translation>采用上一张图像的所有标注</translation>
    </message>
    <message>
        <source>Length of a path and the area that it encloses, in pixels</source>
        <translation>路径的长度及其围成的面积，以像素计</translation>
    </message>
    <message>
        <source>Lock category</source>
        <translation>锁定类别</translation>
    </message>
    <message>
        <source>Protect the pixels that the current category has; more can still be painted</source>
        <translation>保护当前类别已有的像素；仍可继续用它标注</translation>
    </message>
    <message>
        <source>Split object by a line</source>
        <translation>用线拆分实例</translation>
    </message>
    <message>
        <source>Draw a line right across an object to make two of it</source>
        <translation>画一条线横穿实例，使其成为两个</translation>
    </message>
    <message>
        <source>Split object by watershed</source>
        <translation>用分水岭拆分实例</translation>
    </message>
    <message>
        <source>Mark the parts of an object; Enter splits it among them</source>
        <translation>标出实例的各部分；Enter 按此拆分</translation>
    </message>
    <message>
        <source>Merge objects</source>
        <translation>合并实例</translation>
    </message>
    <message>
        <source>Draw a line over objects to make one of them</source>
        <translation>画线经过多个实例，使其成为一个</translation>
    </message>
    <message>
        <source>Assign to object</source>
        <translation>归入实例</translation>
    </message>
    <message>
        <source>Press on an object and brush over what belongs to it</source>
        <translation>按住一个实例，再刷过属于它的部分</translation>
    </message>
    <message>
        <source>Separate touching objects</source>
        <translation>分开相互接触的对象</translation>
    </message>
    <message>
        <source>Part all objects of things at their necks; those with a number stay</source>
        <translation>在颈部分开所有可数对象；已有编号的保持不变</translation>
    </message>
    <message>
        <source>Renumber objects</source>
        <translation>重新编号实例</translation>
    </message>
    <message>
        <source>Number all objects 1, 2, 3 … in the order of the export</source>
        <translation>按导出顺序把所有实例编号为 1、2、3 …</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>缩小画笔</translation>
    </message>
    <message>
        <source>One step smaller (also Ctrl + wheel)</source>
        <translation>缩小一级（也可用 Ctrl + 滚轮）</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>放大画笔</translation>
    </message>
    <message>
        <source>One step larger (also Ctrl + wheel)</source>
        <translation>放大一级（也可用 Ctrl + 滚轮）</translation>
    </message>
    <message>
        <source>Much smaller brush</source>
        <translation>大幅缩小画笔</translation>
    </message>
    <message>
        <source>Five steps smaller</source>
        <translation>缩小五级</translation>
    </message>
    <message>
        <source>Much larger brush</source>
        <translation>大幅放大画笔</translation>
    </message>
    <message>
        <source>Five steps larger</source>
        <translation>放大五级</translation>
    </message>
    <message>
        <source>Propose</source>
        <translation>预标注</translation>
    </message>
    <message>
        <source>Let the model label this image; what you painted stays</source>
        <translation>让模型标注此图像；您绘制的内容会保留</translation>
    </message>
    <message>
        <source>Refine from strokes</source>
        <translation>根据笔触细化</translation>
    </message>
    <message>
        <source>Label the rest of this image after the strokes that you painted in it; needs no model</source>
        <translation>根据您在此图像中所画的笔触标注其余部分；不需要模型</translation>
    </message>
    <message>
        <source>Refine</source>
        <translation>细化</translation>
    </message>
    <message>
        <source>Learn…</source>
        <translation>学习…</translation>
    </message>
    <message>
        <source>Make a better model from what you corrected and reviewed</source>
        <translation>用您修正和审核过的内容得到更好的模型</translation>
    </message>
    <message>
        <source>Learn</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>Refine live</source>
        <translation>实时细化</translation>
    </message>
    <message>
        <source>Refine after each stroke without being asked</source>
        <translation>每画一笔后自动细化</translation>
    </message>
    <message>
        <source>Propose whole folder</source>
        <translation>预标注整个文件夹</translation>
    </message>
    <message>
        <source>Let the model label every image that nobody touched</source>
        <translation>让模型标注所有无人修改过的图像</translation>
    </message>
    <message>
        <source>Propose folder</source>
        <translation>预标注文件夹</translation>
    </message>
    <message>
        <source>Propose ahead</source>
        <translation>提前预标注</translation>
    </message>
    <message>
        <source>While you work on an image, let the model label the next ones that nobody touched; begins with your first proposal in a project</source>
        <translation>您处理一张图像时，模型预先标注接下来无人改动的图像；在项目中首次预标注后开始</translation>
    </message>
    <message>
        <source>Accept proposal</source>
        <translation>接受预标注</translation>
    </message>
    <message>
        <source>Keep all labels of this image as if you had painted them</source>
        <translation>将此图像的全部标注视为您亲手绘制</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>接受</translation>
    </message>
    <message>
        <source>Clear proposal</source>
        <translation>清除预标注</translation>
    </message>
    <message>
        <source>Remove what the model labelled; what you painted stays</source>
        <translation>移除模型的标注；您绘制的内容会保留</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Accept region</source>
        <translation>接受区域</translation>
    </message>
    <message>
        <source>The proposed region that is marked or under the pointer is right</source>
        <translation>标出的或指针下的预标注区域是对的</translation>
    </message>
    <message>
        <source>Reject region</source>
        <translation>拒绝区域</translation>
    </message>
    <message>
        <source>The proposed region that is marked or under the pointer is background</source>
        <translation>标出的或指针下的预标注区域是背景</translation>
    </message>
    <message>
        <source>Make region the current category</source>
        <translation>把区域改为当前类别</translation>
    </message>
    <message>
        <source>The proposed region that is marked or under the pointer is of the current category</source>
        <translation>标出的或指针下的预标注区域属于当前类别</translation>
    </message>
    <message>
        <source>Next uncertain region</source>
        <translation>下一个不确定区域</translation>
    </message>
    <message>
        <source>Go on, from the largest and most uncertain region down</source>
        <translation>从最大、最不确定的区域起依次往下</translation>
    </message>
    <message>
        <source>Previous uncertain region</source>
        <translation>上一个不确定区域</translation>
    </message>
    <message>
        <source>Go back to a larger or more uncertain region</source>
        <translation>回到更大或更不确定的区域</translation>
    </message>
    <message>
        <source>Accept current category</source>
        <translation>接受当前类别</translation>
    </message>
    <message>
        <source>All that is proposed of the current category is right</source>
        <translation>当前类别的所有预标注都是对的</translation>
    </message>
    <message>
        <source>Reject current category</source>
        <translation>拒绝当前类别</translation>
    </message>
    <message>
        <source>All that is proposed of the current category is background</source>
        <translation>当前类别的所有预标注都是背景</translation>
    </message>
    <message>
        <source>Accept what is above the threshold</source>
        <translation>接受高于阈值的</translation>
    </message>
    <message>
        <source>What is proposed with enough confidence is right</source>
        <translation>置信度足够高的预标注是对的</translation>
    </message>
    <message>
        <source>Accept above</source>
        <translation>接受以上</translation>
    </message>
    <message>
        <source>Clear what is below the threshold</source>
        <translation>清除低于阈值的</translation>
    </message>
    <message>
        <source>Remove what is proposed with too little confidence</source>
        <translation>去掉置信度太低的预标注</translation>
    </message>
    <message>
        <source>Clear below</source>
        <translation>清除以下</translation>
    </message>
    <message>
        <source>Choose model…</source>
        <translation>选择模型…</translation>
    </message>
    <message>
        <source>Use a model of this project, public weights or a checkpoint file</source>
        <translation>使用本项目的模型、公开权重或检查点文件</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Models of this project…</source>
        <translation>本项目的模型…</translation>
    </message>
    <message>
        <source>How each came about; go back to one, compare two, give one away</source>
        <translation>查看各个模型的由来；回到某一个，比较两个，或导出一个</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>模型…</translation>
    </message>
    <message>
        <source>Categories of the model…</source>
        <translation>模型的类别…</translation>
    </message>
    <message>
        <source>What the model&apos;s categories become in this project</source>
        <translation>模型的类别在本项目中对应什么</translation>
    </message>
    <message>
        <source>About the model…</source>
        <translation>关于模型…</translation>
    </message>
    <message>
        <source>What the model is, what is assumed of it, and corrections</source>
        <translation>模型是什么、哪些为默认假设，以及更正</translation>
    </message>
    <message>
        <source>Faster, slightly rounded (bf16)</source>
        <translation>更快、略有舍入 (bf16)</translation>
    </message>
    <message>
        <source>Compute with fewer digits: about one and a half times as fast; a few pixels at borders turn out differently</source>
        <translation>以较低精度计算：速度约为一倍半；边界处少数像素会有不同</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>叠加层</translation>
    </message>
    <message>
        <source>Fill regions with the colour of their category</source>
        <translation>用类别颜色填充区域</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>轮廓</translation>
    </message>
    <message>
        <source>Draw a line around regions</source>
        <translation>在区域周围画线</translation>
    </message>
    <message>
        <source>Photograph alone</source>
        <translation>仅照片</translation>
    </message>
    <message>
        <source>Show no labels (for the moment: hold V)</source>
        <translation>不显示标注（临时：按住 V）</translation>
    </message>
    <message>
        <source>Proposal in place of the labels</source>
        <translation>以建议代替标注显示</translation>
    </message>
    <message>
        <source>Show what the model proposed in place of the labels (hold Shift+V)</source>
        <translation>用模型的预标注代替标注显示（临时：按住 Shift+V）</translation>
    </message>
    <message>
        <source>Current category alone</source>
        <translation>仅当前类别</translation>
    </message>
    <message>
        <source>Show the labels of the current category only</source>
        <translation>只显示当前类别的标注</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>并排</translation>
    </message>
    <message>
        <source>Show the photograph without labels beside the canvas</source>
        <translation>在画布旁显示不带标注的照片</translation>
    </message>
    <message>
        <source>Brightness and contrast…</source>
        <translation>亮度和对比度…</translation>
    </message>
    <message>
        <source>How bright the photograph is shown; the file stays as it is</source>
        <translation>照片显示的明暗；文件保持不变</translation>
    </message>
    <message>
        <source>Bands and stretch…</source>
        <translation>波段与拉伸…</translation>
    </message>
    <message>
        <source>Which bands are shown, and what is black and white</source>
        <translation>显示哪些波段，以及黑白的范围</translation>
    </message>
    <message>
        <source>Pixel grid</source>
        <translation>像素网格</translation>
    </message>
    <message>
        <source>Lines between pixels once they are large</source>
        <translation>像素放大后显示分隔线</translation>
    </message>
    <message>
        <source>Overview map</source>
        <translation>总览图</translation>
    </message>
    <message>
        <source>A small map where the view does not show the whole picture</source>
        <translation>视图未显示整幅图像时的小地图</translation>
    </message>
    <message>
        <source>Rulers</source>
        <translation>标尺</translation>
    </message>
    <message>
        <source>Count the pixels along the edges of the view</source>
        <translation>沿视图边缘显示像素坐标</translation>
    </message>
    <message>
        <source>Wheel zooms</source>
        <translation>滚轮缩放</translation>
    </message>
    <message>
        <source>The wheel zooms and Ctrl + wheel sizes the brush; off: the other way round</source>
        <translation>滚轮缩放，Ctrl + 滚轮调画笔大小；关闭则相反</translation>
    </message>
    <message>
        <source>Uncertainty</source>
        <translation>不确定度</translation>
    </message>
    <message>
        <source>Show as heat how unsure the model was</source>
        <translation>用热力图显示模型有多不确定</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>实例</translation>
    </message>
    <message>
        <source>Show the objects of things by outline and shade</source>
        <translation>用轮廓和明暗显示物体类别的实例</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>适合窗口</translation>
    </message>
    <message>
        <source>Show the whole picture</source>
        <translation>显示整张图片</translation>
    </message>
    <message>
        <source>100 %</source>
        <translation>100 %</translation>
    </message>
    <message>
        <source>One pixel of the picture on one of the screen</source>
        <translation>图片像素与屏幕像素一一对应</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Closer (also the wheel)</source>
        <translation>拉近（也可用滚轮）</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Farther (also the wheel)</source>
        <translation>拉远（也可用滚轮）</translation>
    </message>
    <message>
        <source>Next part of the window</source>
        <translation>窗口的下一部分</translation>
    </message>
    <message>
        <source>Put the keyboard into the next list or panel</source>
        <translation>将键盘焦点移到下一个列表或面板</translation>
    </message>
    <message>
        <source>Picture only</source>
        <translation>仅显示图片</translation>
    </message>
    <message>
        <source>Hide everything but the picture</source>
        <translation>隐藏图片以外的一切</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>All keys on one sheet</source>
        <translation>全部快捷键一览</translation>
    </message>
    <message>
        <source>Guided tour</source>
        <translation>导览</translation>
    </message>
    <message>
        <source>From the first proposal to the export in five steps</source>
        <translation>五步走完从第一次预标注到导出的全过程</translation>
    </message>
    <message>
        <source>About seglabel</source>
        <translation>关于 seglabel</translation>
    </message>
    <message>
        <source>Version and licence</source>
        <translation>版本与许可证</translation>
    </message>
</context>
<context>
    <name>devices</name>
    <message>
        <source>CPU (no CUDA device)</source>
        <translation>CPU（没有 CUDA 设备）</translation>
    </message>
    <message>
        <source>CPU (this PyTorch was built without CUDA)</source>
        <translation>CPU（此 PyTorch 不含 CUDA）</translation>
    </message>
    <message>
        <source>CPU (as asked)</source>
        <translation>CPU（按要求）</translation>
    </message>
    <message>
        <source>in tiles of {0} for lack of memory</source>
        <translation>因内存不足，分块大小为 {0}</translation>
    </message>
    <message>
        <source>in batches of {0} for lack of memory</source>
        <translation>因内存不足，每批 {0} 张</translation>
    </message>
    <message>
        <source>on the CPU: {0} ran out of memory or was lost</source>
        <translation>改用 CPU：{0} 内存不足或已丢失</translation>
    </message>
</context>
<context>
    <name>formats</name>
    <message>
        <source>COCO instances</source>
        <translation>COCO 实例</translation>
    </message>
    <message>
        <source>Pascal VOC</source>
        <translation>Pascal VOC</translation>
    </message>
    <message>
        <source>Index PNGs</source>
        <translation>索引 PNG</translation>
    </message>
</context>
<context>
    <name>presets</name>
    <message>
        <source>seglabel</source>
        <translation>seglabel</translation>
    </message>
    <message>
        <source>Left hand only</source>
        <translation>仅左手</translation>
    </message>
    <message>
        <source>Like labelme</source>
        <translation>类似 labelme</translation>
    </message>
    <message>
        <source>Like CVAT</source>
        <translation>类似 CVAT</translation>
    </message>
</context>
<context>
    <name>stages</name>
    <message>
        <source>classifier alone</source>
        <translation>仅分类器</translation>
    </message>
    <message>
        <source>decoder, on kept features</source>
        <translation>解码器（使用缓存特征）</translation>
    </message>
    <message>
        <source>whole network</source>
        <translation>整个网络</translation>
    </message>
</context>
<context>
    <name>status</name>
    <message>
        <source>empty</source>
        <translation>空</translation>
    </message>
    <message>
        <source>proposed</source>
        <translation>已预标注</translation>
    </message>
    <message>
        <source>corrected</source>
        <translation>已修正</translation>
    </message>
    <message>
        <source>reviewed</source>
        <translation>已审核</translation>
    </message>
    <message>
        <source>file is gone, labels are kept</source>
        <translation>文件已不存在，标注仍保留</translation>
    </message>
    <message>
        <source>file changed after it was labelled</source>
        <translation>标注之后文件有改动</translation>
    </message>
</context>
<context>
    <name>steps</name>
    <message>
        <source>Marked reviewed</source>
        <translation>标为已审核</translation>
    </message>
</context>
<context>
    <name>synonyms</name>
    <message>
        <source>heat map</source>
        <translation>热力图</translation>
    </message>
    <message>
        <source>solo</source>
        <translation>单独显示</translation>
    </message>
    <message>
        <source>isolate</source>
        <translation>隔离</translation>
    </message>
    <message>
        <source>flicker</source>
        <translation>闪烁对比</translation>
    </message>
    <message>
        <source>compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>before and after</source>
        <translation>前后对比</translation>
    </message>
    <message>
        <source>instances</source>
        <translation>实例</translation>
    </message>
    <message>
        <source>effort</source>
        <translation>工作量</translation>
    </message>
    <message>
        <source>class balance</source>
        <translation>类别平衡</translation>
    </message>
    <message>
        <source>undo history</source>
        <translation>撤销历史</translation>
    </message>
    <message>
        <source>full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>dark mode</source>
        <translation>深色模式</translation>
    </message>
    <message>
        <source>eyedropper</source>
        <translation>吸管</translation>
    </message>
    <message>
        <source>bucket</source>
        <translation>油漆桶</translation>
    </message>
    <message>
        <source>dilate</source>
        <translation>膨胀</translation>
    </message>
    <message>
        <source>erode</source>
        <translation>腐蚀</translation>
    </message>
</context>
<context>
    <name>tools</name>
    <message>
        <source>Click a region to fill it.</source>
        <translation>点击一个区域以填充它。</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source> px</source>
        <translation> 像素</translation>
    </message>
    <message>
        <source>Brush size in pixels</source>
        <translation>画笔大小（像素）</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>round</source>
        <translation>圆形</translation>
    </message>
    <message>
        <source>square</source>
        <translation>方形</translation>
    </message>
    <message>
        <source>Brush shape</source>
        <translation>画笔形状</translation>
    </message>
    <message>
        <source>Pen pressure</source>
        <translation>笔压</translation>
    </message>
    <message>
        <source>The harder a pen is pressed, the wider it paints</source>
        <translation>笔压得越重，画得越宽</translation>
    </message>
    <message>
        <source>Click corners; drag them, right-click removes one. Enter or a click on the first closes.</source>
        <translation>单击设置顶点；可拖动，右键删除。按 Enter 或单击第一个顶点闭合。</translation>
    </message>
    <message>
        <source>Drag. Shift: square. Ctrl: from the middle.</source>
        <translation>拖动。Shift：正方形。Ctrl：从中心。</translation>
    </message>
    <message>
        <source>Drag. Shift: circle. Ctrl: from the middle.</source>
        <translation>拖动。Shift：圆形。Ctrl：从中心。</translation>
    </message>
    <message>
        <source>Draw around what you want to paint.</source>
        <translation>围绕要标注的内容画一圈。</translation>
    </message>
    <message>
        <source>Click along an edge. Enter or a click on the first point closes.</source>
        <translation>沿边缘单击。按 Enter 或单击起点闭合。</translation>
    </message>
    <message>
        <source>Superpixels</source>
        <translation>超像素</translation>
    </message>
    <message>
        <source>About how large a superpixel is</source>
        <translation>超像素的大致大小</translation>
    </message>
    <message>
        <source>Tolerance</source>
        <translation>容差</translation>
    </message>
    <message>
        <source>How far colours may differ before it is an edge</source>
        <translation>颜色相差多少才算边缘</translation>
    </message>
    <message>
        <source>Stroke over superpixels to paint them whole.</source>
        <translation>划过超像素即可整块标注。</translation>
    </message>
    <message>
        <source>Keep the middle on what you paint; edges hold it back.</source>
        <translation>让画笔中心停在要标注的内容上，边缘会挡住颜料。</translation>
    </message>
    <message>
        <source>Stroke what it is; right button: what it is not. Enter paints.</source>
        <translation>画出属于它的部分；右键画出不属于的部分。按 Enter 标注。</translation>
    </message>
    <message>
        <source>Box an object; then stroke what belongs to it (right: not). Enter paints.</source>
        <translation>框住物体；再画出属于它的部分（右键：不属于）。按 Enter 标注。</translation>
    </message>
    <message>
        <source>How far colours may differ; drag to change it while it shows</source>
        <translation>颜色可相差多少；显示时拖动可改变</translation>
    </message>
    <message>
        <source>Connected</source>
        <translation>仅相连</translation>
    </message>
    <message>
        <source>Only what is connected with the pixel pressed on</source>
        <translation>只取与按下的像素相连的部分</translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation>平滑</translation>
    </message>
    <message>
        <source>Takes specks and fringes up to this size away</source>
        <translation>去除不超过此大小的斑点和毛边</translation>
    </message>
    <message>
        <source>Press and drag: right for more, left for less.</source>
        <translation>按住拖动：向右增大，向左减小。</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>grow</source>
        <translation>扩张</translation>
    </message>
    <message>
        <source>shrink</source>
        <translation>收缩</translation>
    </message>
    <message>
        <source>smooth</source>
        <translation>平滑</translation>
    </message>
    <message>
        <source>fill holes</source>
        <translation>填补孔洞</translation>
    </message>
    <message>
        <source>remove islands</source>
        <translation>去除小岛</translation>
    </message>
    <message>
        <source>What is done to the region</source>
        <translation>对区域进行的操作</translation>
    </message>
    <message>
        <source>By</source>
        <translation>距离</translation>
    </message>
    <message>
        <source>How far to grow, shrink or smooth</source>
        <translation>扩张、收缩或平滑多远</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>面积</translation>
    </message>
    <message>
        <source>Holes up to this size are filled, islands below it removed</source>
        <translation>不超过此大小的孔洞被填补，小于它的小岛被去除</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>one region</source>
        <translation>单个区域</translation>
    </message>
    <message>
        <source>whole category</source>
        <translation>整个类别</translation>
    </message>
    <message>
        <source>inside a lasso</source>
        <translation>套索之内</translation>
    </message>
    <message>
        <source>The region or the category clicked on, or what you go round</source>
        <translation>点击的区域或类别，或圈出的部分</translation>
    </message>
    <message>
        <source>Click a region, or draw around what is to change.</source>
        <translation>点击一个区域，或圈出要修改的部分。</translation>
    </message>
    <message>
        <source>Meet at</source>
        <translation>交界于</translation>
    </message>
    <message>
        <source>necks of the shape</source>
        <translation>形状的窄处</translation>
    </message>
    <message>
        <source>edges in the picture</source>
        <translation>图像中的边缘</translation>
    </message>
    <message>
        <source>Where the parts of a split object border on each other</source>
        <translation>拆分后的各部分在哪里相接</translation>
    </message>
    <message>
        <source>Draw a line right across an object.</source>
        <translation>画一条线横穿一个实例。</translation>
    </message>
    <message>
        <source>Draw a line from one object over the others.</source>
        <translation>从一个实例画线经过其他实例。</translation>
    </message>
    <message>
        <source>Click or stroke each part of an object. Enter splits it; Backspace takes back.</source>
        <translation>点击或划过实例的每个部分。Enter 拆分；Backspace 撤回。</translation>
    </message>
    <message>
        <source>Press on an object and brush over what belongs to it as well.</source>
        <translation>按住一个实例，再刷过也属于它的部分。</translation>
    </message>
    <message>
        <source>Drag for a distance; more clicks measure a path and its area.</source>
        <translation>拖动以测量距离；继续单击可测量路径及其面积。</translation>
    </message>
    <message>
        <source>length {0} px</source>
        <translation>长度 {0} 像素</translation>
    </message>
    <message>
        <source>length {0} px  (Δx {1}, Δy {2})</source>
        <translation>长度 {0} 像素（Δx {1}，Δy {2}）</translation>
    </message>
    <message>
        <source>length {0} px · area {1} px²</source>
        <translation>长度 {0} 像素 · 面积 {1} 像素²</translation>
    </message>
</context>
<context>
    <name>tour</name>
    <message>
        <source>Propose</source>
        <translation>预标注</translation>
    </message>
    <message>
        <source>Let the model label the image ({propose}). {heat} shows where it was unsure, {outline} the outlines.</source>
        <translation>让模型标注这张图像（{propose}）。{heat} 显示模型没有把握的地方，{outline} 显示轮廓。</translation>
    </message>
    <message>
        <source>Correct</source>
        <translation>修正</translation>
    </message>
    <message>
        <source>Choose a category at the right and paint with the brush ({brush}) where the proposal is wrong. {smaller} and {larger} change its size, {undo} takes a stroke back.</source>
        <translation>在右侧选择类别，用画笔（{brush}）涂改预标注有误的地方。{smaller} 和 {larger} 改变画笔大小，{undo} 撤销一笔。</translation>
    </message>
    <message>
        <source>Refine</source>
        <translation>细化</translation>
    </message>
    <message>
        <source>Your strokes are examples: {refine} labels the rest of the image after them. What you painted stays as it is.</source>
        <translation>您画的就是示例：{refine} 按它们标注图像的其余部分，您画过的像素保持不变。</translation>
    </message>
    <message>
        <source>{reviewed} marks an image as right and goes to the next. From such images and from your corrections the model learns ({learn}); a minute is enough for a first look.</source>
        <translation>{reviewed} 将图像标为已审核并转到下一张。模型从这些图像和您的修正中学习（{learn}）；先试一分钟就能看到效果。</translation>
    </message>
    <message>
        <source>Give the labels away as COCO, Pascal VOC or index PNGs ({export}). What is written is read back and compared; your images are never changed.</source>
        <translation>将标注导出为 COCO、Pascal VOC 或索引 PNG（{export}）。写出的内容会读回核对；您的图像从不改动。</translation>
    </message>
    <message>
        <source>Learn</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>That was all of it. The tour waits in the Help menu; {keys} shows every key.</source>
        <translation>全部走完了。可从“帮助”菜单再次打开导览；{keys} 列出所有快捷键。</translation>
    </message>
</context>
</TS>
